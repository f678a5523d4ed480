"""Every call of the REST interface, described once: what is sent, and how its answer is read.

Nothing here sends anything. `Plane` and `AsyncPlane` carry the descriptions out, each in its way.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypedDict, TypeVar, Unpack
from uuid import UUID

from accessplane_client import encoding
from accessplane_client.addresses import segment, whole_id
from accessplane_client.documents import (
    AccessAnswer,
    AccessRequest,
    Applied,
    Check,
    Document,
    Event,
    Grant,
    Invitation,
    NewToken,
    Plan,
    RequestableRole,
    Reviewed,
    Role,
    Token,
    User,
    Workflow,
)
from accessplane_client.explanations import Explanation

PAGE = 200

Id = UUID | str
Length = timedelta | int | str
Moment = datetime | str
Answer = TypeVar("Answer")
Method = TypeVar("Method", bound=Callable[..., Any])
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


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One call. Inside a script, `answer = yield from call` makes it."""

    method: str
    path: str
    read: Callable[[Any], Answer]
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    body: object = None
    held_open: float = 0.0  # seconds that the plane may take besides the usual timeout

    def __iter__(self) -> Generator["Call[Answer]", Any, Answer]:
        answer: Answer = yield self
        return answer


@dataclass(frozen=True)
class Page(Generic[AnyDocument]):
    """A part of a list, and the call for what follows it."""

    items: Sequence[AnyDocument]
    following: "Call[Page[AnyDocument]] | None"


@dataclass(frozen=True)
class Pause:
    """Seconds in which nothing is done."""

    seconds: float


Script = Generator[Call[Any] | Pause, Any, Answer]


# Requests


def create_request(
    roles: Sequence[str], **details: Unpack[RequestDetails]
) -> Call[AccessRequest]:
    return _post("access-requests/", AccessRequest.read, _asking(roles, details))


def plan_request(roles: Sequence[str], **details: Unpack[RequestDetails]) -> Call[Plan]:
    """What `create_request` would make or refuse, without making it."""

    def read(answer: Any) -> Plan:
        return Plan.read(encoding.member(answer, "plan"))

    return _post("access-requests/", read, _asking(roles, details) | {"dry_run": True})


def explain(
    roles: Sequence[str],
    *,
    user: str | None = None,
    reason: str | None = None,
    duration: str | None = None,
) -> Call[Explanation]:
    """Who would have to agree if the caller, or `user`, asked for this, or why it is refused."""
    asked = {"role": list(roles), "user": user, "reason": reason, "duration": duration}
    path = "access-requests/explanation/"
    return Call("GET", path, Explanation.read, encoding.query(asked))


def requests(
    *, page: int = PAGE, **filters: Unpack[RequestFilters]
) -> Call[Page[AccessRequest]]:
    """Every request that the caller may see, newest first."""
    return _list("access-requests/", AccessRequest, {**filters, "limit": page})


def request(request_id: Id) -> Call[AccessRequest]:
    return Call("GET", _request_path(request_id), AccessRequest.read)


def review(
    request_id: Id,
    decision: str,
    *,
    reason: str | None = None,
    start_time: Moment | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Call[Reviewed]:
    """`decision` is APPROVE, DENY or COMMENT."""
    body = {
        "decision": decision,
        "reason": reason,
        "start_time": start_time,
        "annotations": annotations,
    }
    return _post(f"{_request_path(request_id)}reviews/", Reviewed.read, body)


def cancel(request_id: Id, *, reason: str | None = None) -> Call[AccessRequest]:
    path = f"{_request_path(request_id)}cancel/"
    return _post(path, AccessRequest.read, {"reason": reason})


def resolve(
    request_id: Id, state: str, *, reason: str, start_time: Moment | None = None
) -> Call[AccessRequest]:
    """Decides without thresholds and checks; `state` is APPROVED or DENIED."""
    body = {"state": state, "reason": reason, "start_time": start_time}
    return _post(f"{_request_path(request_id)}resolve/", AccessRequest.read, body)


def check(request_id: Id, workflow: str) -> Call[Check]:
    """How the check of `workflow` stands, with the facts it judges; for the workflow's bot."""
    return Call("GET", _check_path(request_id, workflow), Check.read)


def report(
    request_id: Id,
    workflow: str,
    verdict: str,
    *,
    reason: str | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Call[AccessRequest]:
    """`verdict` is ALLOW, DENY or ABSTAIN; the same one again changes nothing."""
    body = {"verdict": verdict, "reason": reason, "annotations": annotations or None}
    return _post(_check_path(request_id, workflow), AccessRequest.read, body)


# Grants


def grants(*, page: int = PAGE, **filters: Unpack[GrantFilters]) -> Call[Page[Grant]]:
    """Every grant that the caller may see."""
    return _list("grants/", Grant, {**filters, "limit": page})


def grant(grant_id: Id) -> Call[Grant]:
    return Call("GET", _grant_path(grant_id), Grant.read)


def end_grant(grant_id: Id, *, reason: str | None = None) -> Call[Grant]:
    """Gives back what the caller holds."""
    return _post(f"{_grant_path(grant_id)}end/", Grant.read, {"reason": reason})


def revoke_grant(grant_id: Id, *, reason: str) -> Call[Grant]:
    """Takes it from whoever holds it."""
    return _post(f"{_grant_path(grant_id)}revoke/", Grant.read, {"reason": reason})


def extend(grant_id: Id, **details: Unpack[RequestDetails]) -> Script[AccessRequest]:
    """Asks for more of a grant: a new request, decided like any other."""
    extended = yield from grant(grant_id)
    details["extends"] = extended.id
    return (yield from create_request([extended.role], **details))


def check_access(user: str, role: str) -> Call[AccessAnswer]:
    """Whether `user` holds `role` at this moment."""
    return Call("GET", "access/check/", AccessAnswer.read, {"user": user, "role": role})


# People, roles and workflows


def me() -> Call[User]:
    """The owner of the token."""
    return Call("GET", "users/me/", User.read)


def users(*, page: int = PAGE) -> Call[Page[User]]:
    return _list("users/", User, {"limit": page})


def user(email: str) -> Call[User]:
    return Call("GET", f"users/{segment(email)}/", User.read)


def invite(email: str) -> Call[Invitation]:
    """Sends a user without a password the link to set one; one of before stops working."""
    return _post(f"users/{segment(email)}/invitation/", Invitation.read, {})


def roles(*, page: int = PAGE) -> Call[Page[Role]]:
    return _list("roles/", Role, {"limit": page})


def role(name: str) -> Call[Role]:
    return Call("GET", f"roles/{segment(name)}/", Role.read)


def requestable_roles(*, page: int = PAGE) -> Call[Page[RequestableRole]]:
    """What the caller may ask for, by name."""
    return _list("roles/requestable/", RequestableRole, {"limit": page})


def workflows(*, page: int = PAGE) -> Call[Page[Workflow]]:
    """The custom workflows, for people with `read` on `workflow`."""
    return _list("workflows/", Workflow, {"limit": page})


# The audit log


def events(
    after: int = 0, *, wait: int = 0, page: int = PAGE, **filters: Unpack[EventFilters]
) -> Call[Page[Event]]:
    """Events with a sequence above `after`, oldest first, up to the newest.

    With `wait`, the answer is held open for as many seconds (60 at most) while there is none.
    """

    def read(answer: Any) -> Page[Event]:
        found = [Event.read(each) for each in encoding.results(answer)]
        if not found or not answer.get("next"):
            return Page(found, None)
        return Page(found, events(found[-1].sequence, page=page, **filters))

    params = {**filters, "after": after, "limit": page, "wait": wait or None}
    return Call("GET", "events/", read, encoding.query(params), held_open=wait)


# Configuration and tokens


def apply(documents: str | bytes | Sequence[Mapping[str, Any]]) -> Call[Applied]:
    """Configuration documents, all or nothing: YAML text, or the documents themselves."""
    if isinstance(documents, str):
        documents = documents.encode()
    body = documents if isinstance(documents, bytes) else list(documents)
    return Call("POST", "apply/", Applied.read, body=body)


def tokens(*, page: int = PAGE) -> Call[Page[Token]]:
    """The caller's own, without their secrets."""
    return _list("tokens/", Token, {"limit": page})


def create_token(name: str, *, ttl: Length | None = None) -> Call[NewToken]:
    """The answer holds the token itself, which the plane never shows again."""
    return _post("tokens/", NewToken.read, {"name": name, "ttl": ttl})


def revoke_token(token_id: Id) -> Call[None]:
    return Call("DELETE", f"tokens/{segment(str(token_id))}/", lambda _: None)


def _post(
    path: str, read: Callable[[Any], Answer], fields: Mapping[str, object]
) -> Call[Answer]:
    return Call("POST", path, read, body=encoding.body(fields))


def _list(
    path: str, kind: type[AnyDocument], params: Mapping[str, object]
) -> Call[Page[AnyDocument]]:
    def read(answer: Any) -> Page[AnyDocument]:
        found = [kind.read(each) for each in encoding.results(answer)]
        cursor = encoding.next_cursor(answer)
        following = _list(path, kind, {**params, "cursor": cursor}) if cursor else None
        return Page(found, following)

    return Call("GET", path, read, encoding.query(params))


def _asking(roles: Sequence[str], details: RequestDetails) -> dict[str, object]:
    if isinstance(roles, str):
        raise TypeError("`roles` is a list of names, not one name.")
    return {"roles": list(roles), **details}


def _request_path(request_id: Id) -> str:
    return f"access-requests/{whole_id(request_id)}/"


def _check_path(request_id: Id, workflow: str) -> str:
    return f"{_request_path(request_id)}checks/{segment(workflow)}/"


def _grant_path(grant_id: Id) -> str:
    return f"grants/{whole_id(grant_id)}/"


def as_method(method: Method, describe: Callable[..., object]) -> Method:
    """`method` as `help()` shows it: like its description, but for what comes back."""
    shown = inspect.signature(describe)
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    parameters = [itself, *shown.parameters.values()]
    shown = shown.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    method.__dict__["__signature__"] = shown
    return method
