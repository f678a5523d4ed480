"""What the plane answers, typed. Unknown fields are no error and stay in `document`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

from accessplane_client.errors import UnexpectedAnswer

PENDING = "PENDING"
APPROVED = "APPROVED"
APPROVE = "APPROVE"
DENY = "DENY"

_types: Callable[[type], dict[str, Any]] = cache(get_type_hints)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One answer. A field that the plane left out, or sent as null, keeps its default."""

    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, answer: object) -> Self:
        if not isinstance(answer, Mapping):
            raise UnexpectedAnswer(f"The plane sent no {cls.__name__} where one was expected.")
        try:
            known = {
                each.name: _read_as(_types(cls)[each.name], answer[each.name])
                for each in fields(cls)
                if each.name != "document" and answer.get(each.name) is not None
            }
            return cls(document=answer, **known)
        except (TypeError, ValueError) as error:
            raise UnexpectedAnswer(
                f"The plane sent a {cls.__name__} that this version does not understand: {error}."
            ) from error


def _read_as(kind: Any, value: Any) -> Any:
    """`value` of a JSON document as the declared type of its field."""
    if isinstance(kind, UnionType):
        kind = get_args(kind)[0]
    if get_origin(kind) is tuple:
        return tuple(_read_as(get_args(kind)[0], each) for each in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is str:
        return _label(value)
    return kind.read(value) if hasattr(kind, "read") else value


def _label(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    return str(value)


@dataclass(frozen=True, kw_only=True)
class ThresholdPart(Document):
    name: str = ""
    filter: str = ""
    approve: int = 0
    approvals: int = 0


@dataclass(frozen=True, kw_only=True)
class Threshold(Document):
    """How many approvals or denials decide. With `all_of`, every part needs its own people."""

    name: str = ""
    filter: str = ""
    approve: int = 0
    deny: int = 0
    approvals: int = 0
    denials: int = 0
    roles: tuple[str, ...] = ()
    all_of: tuple[ThresholdPart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Review(Document):
    reviewer: str
    decision: str
    id: str = ""
    reason: str = ""
    created_at: datetime | None = None
    via: str = ""


@dataclass(frozen=True, kw_only=True)
class Check(Document):
    """What a custom workflow said of a request. `facts` are for the workflow's bot alone."""

    workflow: str
    state: str = ""
    reason: str = ""
    problem: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_pending(self) -> bool:
        return self.state == PENDING

    @classmethod
    def read(cls, answer: object) -> Self:
        return super().read({"workflow": answer} if isinstance(answer, str) else answer)


@dataclass(frozen=True, kw_only=True)
class Grant(Document):
    id: str
    role: str
    state: str
    user: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    request: str | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessRequest(Document):
    id: str
    state: str
    requester: str
    roles: tuple[str, ...] = ()
    author: str = ""
    reason: str = ""
    suggested_reviewers: tuple[str, ...] = ()
    annotations: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    pending_expires_at: datetime | None = None
    start_time: datetime | None = None
    duration_seconds: int = 0
    requested_duration_seconds: int | None = None
    resolved_at: datetime | None = None
    resolve_reason: str = ""
    forced: bool = False
    extends: str | None = None
    thresholds: tuple[Threshold, ...] = ()
    reviews: tuple[Review, ...] = ()
    checks: tuple[Check, ...] = ()
    grants: tuple[Grant, ...] = ()
    possible_reviewers: tuple[str, ...] = ()
    url: str = ""

    @property
    def is_pending(self) -> bool:
        return self.state == PENDING

    @property
    def is_approved(self) -> bool:
        return self.state == APPROVED


@dataclass(frozen=True, kw_only=True)
class Reviewed(Document):
    """A review that was just made, and what the request became by it."""

    review: Review
    request: AccessRequest


@dataclass(frozen=True, kw_only=True)
class Plan(Document):
    """What a request would be, without making it."""

    roles: tuple[str, ...] = ()
    duration_seconds: int = 0
    requested_duration_seconds: int | None = None
    limit_seconds: int | None = None
    pending_ttl_seconds: int = 0
    thresholds: tuple[Threshold, ...] = ()
    checks: tuple[Check, ...] = ()
    suggested_reviewers: tuple[str, ...] = ()
    possible_reviewers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    annotations: Mapping[str, Any] = field(default_factory=dict)
    reason_required: bool = False
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AccessAnswer(Document):
    """Whether a role is held right now, and by what."""

    allowed: bool
    via: str | None = None
    grant: str | None = None
    ends_at: datetime | None = None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, kw_only=True)
class Role(Document):
    name: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestableRole(Role):
    held: bool = False
    limit_seconds: int | None = None
    reason_required: bool = False
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Workflow(Document):
    """A custom workflow as it is configured; `spec` is its document, without its secrets."""

    name: str
    description: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class User(Document):
    email: str
    display_name: str = ""
    roles: tuple[str, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)
    bot: bool = False
    owner: str = ""
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Invitation(Document):
    user: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Actor(Document):
    kind: str = ""
    name: str = ""
    via: str = ""
    ip: str | None = None


@dataclass(frozen=True, kw_only=True)
class Subject(Document):
    kind: str = ""
    id: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Event(Document):
    """One fact of the audit log."""

    sequence: int
    type: str
    id: str = ""
    at: datetime | None = None
    actor: Actor = field(default_factory=Actor)
    about: Subject = field(default_factory=Subject)
    data: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Token(Document):
    """An API token as it is listed: never the token itself."""

    id: str
    name: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewToken(Token):
    """The only answer that holds the secret."""

    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AppliedDocument(Document):
    kind: str
    name: str
    result: str


@dataclass(frozen=True, kw_only=True)
class Applied(Document):
    documents: tuple[AppliedDocument, ...] = ()
    warnings: tuple[str, ...] = ()
