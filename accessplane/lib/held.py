"""Answers that are not there yet."""

from abc import ABC, abstractmethod

from django.http import HttpResponse


class HeldResponse(HttpResponse, ABC):
    """An answer that waits for its content without a thread: the ASGI handler awaits `ready`.

    Only for calls that came through ASGI; whatever else holds an answer holds a thread.
    """

    @abstractmethod
    async def ready(self) -> None:
        """Return once status, headers and content are what is to be sent."""
