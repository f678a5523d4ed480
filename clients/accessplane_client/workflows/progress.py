"""How far a program has come in the audit log, when it looks at several events at once."""

from collections.abc import Iterable


class Progress:
    """The place moves past an event when it and all events before it were looked at."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._newest = place
        self._begun: dict[int, set[str]] = {}

    @property
    def place(self) -> int:
        return self._place

    @property
    def newest(self) -> int:
        """The event that was begun last; from here on the log is new."""
        return self._newest

    def begin(self, sequence: int, workflows: Iterable[str]) -> None:
        """The event is looked at now; events begin in their order."""
        self._begun[sequence] = set(workflows)
        self._newest = sequence

    def finish(self, sequence: int, workflow: str) -> bool:
        """This workflow has looked at the event. Whether the place has moved by that."""
        self._begun[sequence].discard(workflow)
        before = self._place
        for begun in list(self._begun):
            if self._begun[begun]:
                break
            del self._begun[begun]
            self._place = begun
        return self._place > before
