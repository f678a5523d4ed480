"""Programs of workflows: where they keep their place, and real processes that run them."""


class KeptInMemory:
    """Keeps a place as long as the test lasts."""

    def __init__(self, place=None):
        self.place = place

    def get(self):
        return self.place

    def set(self, place):
        self.place = place
