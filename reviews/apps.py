"""Judging, wired up."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Reviews of requests."""

    name = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        """Take part in what happens."""
        from reviews import subscribers  # noqa: F401 - importing it subscribes
