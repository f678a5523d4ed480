"""A plane, called like a Python object."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar, Unpack
from uuid import UUID

from accessplane_client import encoding, explanations, waiting
from accessplane_client.addresses import segment, whole_id
from accessplane_client.documents import (
    AccessAnswer,
    AccessRequest,
    Applied,
    Document,
    Event,
    Grant,
    NewToken,
    Plan,
    RequestableRole,
    Reviewed,
    Role,
    Token,
    User,
)
from accessplane_client.explanations import Explanation
from accessplane_client.settings import login_from_environment

if TYPE_CHECKING:
    import httpx

PAGE = 200

Id = UUID | str
Length = timedelta | int | str
Moment = datetime | str
AnyDocument = TypeVar("AnyDocument", bound=Document)


class RequestDetails(TypedDict, total=False):
    """What may be said of a new request besides its roles. None means: not said."""

    reason: str | None
    suggested_reviewers: Sequence[str] | None
    duration: Length | None
    pending_ttl: Length | None
    start_time: Moment | None
    extends: Id | None
    for_user: str | None


class RequestFilters(TypedDict, total=False):
    state: str | None
    role: str | None
    requester: str | None
    scope: str | None
    search: str | None
    created_after: Moment | None
    created_before: Moment | None


class GrantFilters(TypedDict, total=False):
    user: str | None
    role: str | None
    state: str | None
    in_force: bool | None


class EventFilters(TypedDict, total=False):
    type: str | None
    actor: str | None
    about: Id | None
    since: Moment | None
    until: Moment | None


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

    # Requests

    def create_request(
        self, roles: Sequence[str], **details: Unpack[RequestDetails]
    ) -> AccessRequest:
        return AccessRequest.read(self._post("access-requests/", _asking(roles, details)))

    def plan_request(self, roles: Sequence[str], **details: Unpack[RequestDetails]) -> Plan:
        """What `create_request` would make or refuse, without making it."""
        body = _asking(roles, details) | {"dry_run": True}
        return Plan.read(encoding.member(self._post("access-requests/", body), "plan"))

    def explain(
        self,
        roles: Sequence[str],
        *,
        user: str | None = None,
        reason: str | None = None,
        duration: str | None = None,
    ) -> Explanation:
        """Who would have to agree if the caller, or `user`, asked for this, or why it is refused."""
        path = explanations.path_of(roles, user=user, reason=reason, duration=duration)
        return Explanation.read(self._wire.get(path))

    def requests(
        self, *, page: int = PAGE, **filters: Unpack[RequestFilters]
    ) -> Iterator[AccessRequest]:
        """Every request that the caller may see, newest first."""
        return self._each("access-requests/", AccessRequest, {**filters, "limit": page})

    def request(self, request_id: Id) -> AccessRequest:
        return AccessRequest.read(self._wire.get(_request_path(request_id)))

    def review(
        self,
        request_id: Id,
        decision: str,
        *,
        reason: str | None = None,
        start_time: Moment | None = None,
        annotations: Mapping[str, Any] | None = None,
    ) -> Reviewed:
        """`decision` is APPROVE, DENY or COMMENT."""
        body = {
            "decision": decision,
            "reason": reason,
            "start_time": start_time,
            "annotations": annotations,
        }
        return Reviewed.read(self._post(f"{_request_path(request_id)}reviews/", body))

    def cancel(self, request_id: Id, *, reason: str | None = None) -> AccessRequest:
        path = f"{_request_path(request_id)}cancel/"
        return AccessRequest.read(self._post(path, {"reason": reason}))

    def resolve(
        self, request_id: Id, state: str, *, reason: str, start_time: Moment | None = None
    ) -> AccessRequest:
        """Decides without thresholds and checks; `state` is APPROVED or DENIED."""
        body = {"state": state, "reason": reason, "start_time": start_time}
        return AccessRequest.read(self._post(f"{_request_path(request_id)}resolve/", body))

    def wait_for_decision(
        self,
        request_id: Id,
        *,
        timeout: float | None = None,
        on_change: Callable[[AccessRequest], None] | None = None,
    ) -> AccessRequest:
        """The request once it is no longer pending, or as it is after `timeout` seconds.

        `on_change` is called with every new version that is seen on the way.
        """
        return waiting.wait_for_decision(
            self, whole_id(request_id), timeout=timeout, on_change=on_change
        )

    # Grants

    def grants(self, *, page: int = PAGE, **filters: Unpack[GrantFilters]) -> Iterator[Grant]:
        return self._each("grants/", Grant, {**filters, "limit": page})

    def grant(self, grant_id: Id) -> Grant:
        return Grant.read(self._wire.get(_grant_path(grant_id)))

    def end_grant(self, grant_id: Id, *, reason: str | None = None) -> Grant:
        """Gives back what the caller holds."""
        return Grant.read(self._post(f"{_grant_path(grant_id)}end/", {"reason": reason}))

    def revoke_grant(self, grant_id: Id, *, reason: str) -> Grant:
        """Takes it from whoever holds it."""
        return Grant.read(self._post(f"{_grant_path(grant_id)}revoke/", {"reason": reason}))

    def extend(self, grant_id: Id, **details: Unpack[RequestDetails]) -> AccessRequest:
        """Asks for more of a grant: a new request, decided like any other."""
        grant = self.grant(grant_id)
        details["extends"] = grant.id
        return self.create_request([grant.role], **details)

    def check_access(self, user: str, role: str) -> AccessAnswer:
        """Whether `user` holds `role` at this moment."""
        return AccessAnswer.read(self._wire.get("access/check/", {"user": user, "role": role}))

    # People and roles

    def me(self) -> User:
        return User.read(self._wire.get("users/me/"))

    def users(self, *, page: int = PAGE) -> Iterator[User]:
        return self._each("users/", User, {"limit": page})

    def user(self, email: str) -> User:
        return User.read(self._wire.get(f"users/{segment(email)}/"))

    def roles(self, *, page: int = PAGE) -> Iterator[Role]:
        return self._each("roles/", Role, {"limit": page})

    def role(self, name: str) -> Role:
        return Role.read(self._wire.get(f"roles/{segment(name)}/"))

    def requestable_roles(self, *, page: int = PAGE) -> Iterator[RequestableRole]:
        """What the caller may ask for, by name."""
        return self._each("roles/requestable/", RequestableRole, {"limit": page})

    # The audit log

    def events(
        self,
        after: int = 0,
        *,
        wait: int = 0,
        page: int = PAGE,
        **filters: Unpack[EventFilters],
    ) -> Iterator[Event]:
        """Events with a sequence above `after`, oldest first, up to the newest.

        With `wait`, the answer is held open for as many seconds (60 at most) while there is none.
        """
        while True:
            params = {**filters, "after": after, "limit": page, "wait": wait or None}
            answer = self._wire.get(
                "events/", encoding.query(params), timeout=self._wire.timeout + wait
            )
            events = [Event.read(each) for each in encoding.results(answer)]
            yield from events
            if not events or not answer.get("next"):
                return
            after, wait = events[-1].sequence, 0

    # Configuration and tokens

    def apply(self, documents: str | bytes | Sequence[Mapping[str, Any]]) -> Applied:
        """Configuration documents, all or nothing: YAML text, or the documents themselves."""
        if isinstance(documents, str):
            documents = documents.encode()
        if isinstance(documents, bytes):
            return Applied.read(self._wire.post_yaml("apply/", documents))
        return Applied.read(self._wire.post("apply/", list(documents)))

    def tokens(self, *, page: int = PAGE) -> Iterator[Token]:
        return self._each("tokens/", Token, {"limit": page})

    def create_token(self, name: str, *, ttl: Length | None = None) -> NewToken:
        """The answer holds the token itself, which the plane never shows again."""
        return NewToken.read(self._post("tokens/", {"name": name, "ttl": ttl}))

    def revoke_token(self, token_id: Id) -> None:
        self._wire.delete(f"tokens/{segment(str(token_id))}/")

    def _post(self, path: str, fields: Mapping[str, object]) -> Any:
        return self._wire.post(path, encoding.body(fields))

    def _each(
        self, path: str, kind: type[AnyDocument], params: Mapping[str, object]
    ) -> Iterator[AnyDocument]:
        cursor: str | None = None
        while True:
            answer = self._wire.get(path, encoding.query({**params, "cursor": cursor}))
            yield from (kind.read(each) for each in encoding.results(answer))
            cursor = encoding.next_cursor(answer)
            if cursor is None:
                return


def _asking(roles: Sequence[str], details: RequestDetails) -> dict[str, object]:
    if isinstance(roles, str):
        raise TypeError("`roles` is a list of names, not one name.")
    return {"roles": list(roles), **details}


def _request_path(request_id: Id) -> str:
    return f"access-requests/{whole_id(request_id)}/"


def _grant_path(grant_id: Id) -> str:
    return f"grants/{whole_id(grant_id)}/"
