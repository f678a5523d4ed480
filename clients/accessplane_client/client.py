"""A plane, called like a Python object."""

import os
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from accessplane_client import calls, waiting
from accessplane_client.async_client import AsyncPlane
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


def _once(
    describe: Callable[Arguments, Call[Answer] | Script[Answer]],
) -> "Callable[Concatenate[Plane, Arguments], Answer]":
    """A method that carries out what `describe` describes."""

    @wraps(describe)
    def method(plane: "Plane", /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        return plane._carry_out(describe(*args, **kwargs))

    return calls.as_method(method, describe)


def _each(
    describe: Callable[Arguments, Call[Page[AnyDocument]]],
) -> "Callable[Concatenate[Plane, Arguments], Iterator[AnyDocument]]":
    """A method that reads a list page by page, as far as it is iterated."""

    @wraps(describe)
    def method(
        plane: "Plane", /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Iterator[AnyDocument]:
        return plane._read(describe(*args, **kwargs))

    return calls.as_method(method, describe)


class Plane:
    """The plane at `url`, as the user whose token this is.

    A refusal raises PlaneError, no answer PlaneUnreachable. A call whose connection breaks is
    sent again, and counts once. Lists are read page by page, as far as they are iterated.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,
        transport: "httpx.BaseTransport | None" = None,
        via: str = "api",
    ) -> None:
        # httpx takes longer to import than `ap --help` may take to answer
        from accessplane_client.wire import Wire

        self._wire = Wire(url, token, timeout=timeout, transport=transport, via=via)
        self._awaited = partial(AsyncPlane, url, token, timeout=timeout, via=via)
        self._has_own_transport = transport is not None
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
        return f"Plane({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

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
    ) -> Iterator[Event]:
        """Events with a sequence above `after`, oldest first, up to the newest.

        With `wait`, the answer is held open for as many seconds (60 at most) while there is none.
        With `follow` it goes on for ever with what happens, and bears it when the plane is away,
        for `patience` seconds at a time.
        """
        if not follow:
            return self._read(calls.events(after, wait=wait, page=page, **filters))
        from accessplane_client.following import Following
        from accessplane_client.following import follow as followed

        return followed(self._wire, Following(after, filters, patience=patience))

    def workflow(self, name: str) -> Callable[[AnyHandler], AnyHandler]:
        """Makes the function below it the judge of the custom workflow `name`."""
        return self._workflows.register(name)

    def run(self, *, state: State = None, concurrency: int = 1) -> None:
        """Judges what the workflows of this program are asked, until it is interrupted.

        Goes on from where it stopped: every request is judged at least once, and no verdict
        counts twice. The place is kept in the file `state`, or of ACCESSPLANE_STATE, or below
        XDG_STATE_HOME; or `state` keeps it itself (`Places`). As many handlers as `concurrency`
        are at work at once, each in a thread. Raises PlaneError when the token is not taken.
        """
        import asyncio

        if self._has_own_transport:
            raise TypeError("With a transport of its own only an AsyncPlane runs workflows.")
        asyncio.run(self._run(state, concurrency))

    async def _run(self, state: State, concurrency: int) -> None:
        async with self._awaited() as plane:
            plane._workflows = self._workflows
            await plane.run(state=state, concurrency=concurrency)

    def _carry_out(self, described: Call[Answer] | Script[Answer]) -> Answer:
        script = iter(described)
        try:
            step = next(script)
            while True:
                try:
                    answer = self._do(step)
                except PlaneError as error:
                    step = script.throw(error)
                else:
                    step = script.send(answer)
        except StopIteration as end:
            result: Answer = end.value
            return result

    def _do(self, step: Call[Any] | Pause) -> Any:
        from accessplane_client import wire

        return wire.pause(step.seconds) if isinstance(step, Pause) else self._wire.send(step)

    def _read(self, first: Call[Page[AnyDocument]]) -> Iterator[AnyDocument]:
        following: Call[Page[AnyDocument]] | None = first
        while following is not None:
            page = self._wire.send(following)
            yield from page.items
            following = page.following
