"""A plane, awaited: `Plane` for programs that run on asyncio."""

import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from accessplane_client import calls, waiting
from accessplane_client.calls import PAGE, AnyDocument, Call, EventFilters, Page, Pause, Script
from accessplane_client.documents import Event
from accessplane_client.errors import PlaneError
from accessplane_client.settings import login_from_environment
from accessplane_client.workflows.handlers import AnyHandler, Workflows
from accessplane_client.workflows.places import State

if TYPE_CHECKING:
    import httpx


Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")
CONCURRENCY = 8


def _once(
    describe: Callable[Arguments, Call[Answer] | Script[Answer]],
) -> "Callable[Concatenate[AsyncPlane, Arguments], Coroutine[Any, Any, Answer]]":
    """A method that carries out what `describe` describes."""

    @wraps(describe)
    async def method(
        plane: "AsyncPlane", /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Answer:
        return await plane._carry_out(describe(*args, **kwargs))

    return calls.as_method(method, describe)


def _each(
    describe: Callable[Arguments, Call[Page[AnyDocument]]],
) -> "Callable[Concatenate[AsyncPlane, Arguments], AsyncGenerator[AnyDocument, None]]":
    """A method that reads a list page by page, as far as it is iterated."""

    @wraps(describe)
    def method(
        plane: "AsyncPlane", /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> AsyncGenerator[AnyDocument, None]:
        return plane._read(describe(*args, **kwargs))

    return calls.as_method(method, describe)


class AsyncPlane:
    """The plane at `url`, as the user whose token this is; the methods are those of `Plane`.

    A refusal raises PlaneError, no answer PlaneUnreachable. A call whose connection breaks is
    sent again, and counts once. Lists are read page by page, as far as they are iterated.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,
        transport: "httpx.AsyncBaseTransport | None" = None,
        via: str = "api",
    ) -> None:
        from accessplane_client.wire import AsyncWire

        self._wire = AsyncWire(url, token, timeout=timeout, transport=transport, via=via)
        self._workflows = Workflows()

    @classmethod
    def from_env(cls) -> Self:
        """The plane of ACCESSPLANE_URL, as the owner of ACCESSPLANE_TOKEN."""
        login = login_from_environment(os.environ)
        return cls(login.url, login.token)

    @property
    def url(self) -> str:
        return self._wire.url

    def __repr__(self) -> str:
        return f"AsyncPlane({self.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._wire.close()

    create_request = _once(calls.create_request)
    plan_request = _once(calls.plan_request)
    explain = _once(calls.explain)
    requests = _each(calls.requests)
    request = _once(calls.request)
    review = _once(calls.review)
    cancel = _once(calls.cancel)
    resolve = _once(calls.resolve)
    wait_for_decision = _once(waiting.wait_for_decision)
    check = _once(calls.check)
    report = _once(calls.report)

    grants = _each(calls.grants)
    grant = _once(calls.grant)
    end_grant = _once(calls.end_grant)
    revoke_grant = _once(calls.revoke_grant)
    extend = _once(calls.extend)
    check_access = _once(calls.check_access)

    me = _once(calls.me)
    users = _each(calls.users)
    user = _once(calls.user)
    invite = _once(calls.invite)
    roles = _each(calls.roles)
    role = _once(calls.role)
    requestable_roles = _each(calls.requestable_roles)
    workflows = _each(calls.workflows)

    apply = _once(calls.apply)
    tokens = _each(calls.tokens)
    create_token = _once(calls.create_token)
    revoke_token = _once(calls.revoke_token)

    def events(
        self,
        after: int = 0,
        *,
        follow: bool = False,
        wait: int = 0,
        page: int = PAGE,
        patience: float = waiting.OUTAGE_BORNE,
        **filters: Unpack[EventFilters],
    ) -> AsyncGenerator[Event, None]:
        """Events with a sequence above `after`, oldest first, up to the newest.

        With `wait`, the answer is held open for as many seconds (60 at most) while there is none.
        With `follow` it goes on for ever with what happens, and bears it when the plane is away,
        for `patience` seconds at a time.
        """
        if not follow:
            return self._read(calls.events(after, wait=wait, page=page, **filters))
        from accessplane_client.following import Following, follow_async

        return follow_async(self._wire, Following(after, filters, patience=patience))

    def workflow(self, name: str) -> Callable[[AnyHandler], AnyHandler]:
        """Makes the function below it, plain or async, the judge of the custom workflow `name`."""
        return self._workflows.register(name)

    async def run(
        self,
        *,
        state: State = None,
        concurrency: int = CONCURRENCY,
        until_signal: bool = True,
    ) -> None:
        """Judges what the workflows of this program are asked; as `Plane.run`.

        SIGINT and SIGTERM end it, unless `until_signal` is false: then the program has its own
        way, and cancels the task.
        """
        from accessplane_client.workflows.places import places_of
        from accessplane_client.workflows.runner import Runner

        names = self._workflows.names()
        places = places_of(state, os.environ, url=self.url, workflows=names)
        runner = Runner(self, self._workflows, places, concurrency=concurrency)
        await runner.run(until_signal=until_signal)

    async def _carry_out(self, described: Call[Answer] | Script[Answer]) -> Answer:
        script = iter(described)
        try:
            step = next(script)
            while True:
                try:
                    answer = await self._do(step)
                except PlaneError as error:
                    step = script.throw(error)
                else:
                    step = script.send(answer)
        except StopIteration as end:
            result: Answer = end.value
            return result

    async def _do(self, step: Call[Any] | Pause) -> Any:
        from accessplane_client import wire

        if isinstance(step, Pause):
            return await wire.pause_async(step.seconds)
        return await self._wire.send(step)

    async def _read(self, first: Call[Page[AnyDocument]]) -> AsyncGenerator[AnyDocument, None]:
        following: Call[Page[AnyDocument]] | None = first
        while following is not None:
            page = await self._wire.send(following)
            for item in page.items:
                yield item
            following = page.following
