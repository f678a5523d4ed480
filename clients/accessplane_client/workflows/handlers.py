"""The functions of a program that judge, by the workflow they judge for."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

from accessplane_client.workflows.asked import CheckedRequest
from accessplane_client.workflows.verdicts import Verdict

Said = Verdict | str | None  # the text is "ABSTAIN", or one of the other two words
Handler = Callable[[CheckedRequest], Said | Awaitable[Said]]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Workflows:
    """Handlers by the name of their workflow."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def register(self, name: str) -> Callable[[AnyHandler], AnyHandler]:
        if not isinstance(name, str):
            raise TypeError('A workflow is named: @plane.workflow("device-and-ticket").')
        if name in self._handlers:
            raise ValueError(f"The workflow {name} has a handler already.")

        def keep(handler: AnyHandler) -> AnyHandler:
            self._handlers[name] = handler
            return handler

        return keep

    def names(self) -> list[str]:
        """All of them, sorted; raises if there is none to run."""
        if not self._handlers:
            raise ValueError(
                'There is no workflow to run: mark one with @plane.workflow("name").'
            )
        return sorted(self._handlers)

    def handler(self, name: str) -> Handler:
        return self._handlers[name]


def is_async(handler: Handler) -> bool:
    """Whether it runs on the event loop; everything else may block, and runs in a thread."""
    call = getattr(handler, "__call__", handler)  # noqa: B004  an object that is called
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)
