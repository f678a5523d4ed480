"""What the tools answer: the plane's documents, as far as an agent has use for them.

The names are those of the REST interface; a field that this version does not know is left out.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from accessplane_client import documents

State = Literal["PENDING", "APPROVED", "DENIED", "EXPIRED", "CANCELLED"]


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Part(Answer):
    name: str
    filter: str = ""
    approve: int = Field(description="How many people of this kind must approve")
    approvals: int = 0


class Threshold(Answer):
    """How many people must agree, and how many refusals end it."""

    name: str
    filter: str = Field("", description="Which reviewers count, as a condition; empty: all")
    approve: int = Field(description="How many must approve")
    deny: int = Field(description="How many refusals deny the request")
    approvals: int = 0
    denials: int = 0
    roles: list[str] = Field([], description="The requested roles that need it")
    all_of: list[Part] = Field([], description="Each part needs people of its own")


class Review(Answer):
    reviewer: str
    decision: str
    reason: str = ""
    created_at: datetime | None = None


class Check(Answer):
    workflow: str
    state: str = ""
    reason: str = ""


class Grant(Answer):
    """A role that is held for a time."""

    id: str
    role: str
    state: str = Field(description="SCHEDULED, ACTIVE, EXPIRED, ENDED or REVOKED")
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    seconds_left: int = Field(description="Until it ends by itself; 0 unless it is ACTIVE")


class Request(Answer):
    """An access request as it is at this moment."""

    id: str
    state: State
    requester: str
    author: str = ""
    roles: list[str]
    reason: str = ""
    via: str = Field("", description="The door it was asked through")
    created_at: datetime | None = None
    pending_expires_at: datetime | None = Field(
        None, description="When it expires, unless it is decided before"
    )
    start_time: datetime | None = None
    duration_seconds: int = Field(0, description="How long access would last")
    requested_duration_seconds: int | None = Field(
        None, description="How long was asked for; more than duration_seconds: it was cut"
    )
    resolved_at: datetime | None = None
    resolve_reason: str = ""
    suggested_reviewers: list[str] = []
    possible_reviewers: list[str] = Field(
        [], description="Who may decide it; lists leave this out"
    )
    thresholds: list[Threshold] = []
    reviews: list[Review] = []
    checks: list[Check] = []
    grants: list[Grant] = Field([], description="What it gave, once it was approved")
    url: str = Field("", description="Its page, for people")


class Requests(Answer):
    requests: list[Request] = Field(description="Newest first")
    more: bool = Field(description="Whether there are older ones beyond `limit`")


class Waited(Answer):
    """How a request stands after waiting for it."""

    decided: bool
    request: Request
    next: str = Field(description="What to do now")


class Plan(Answer):
    """What a request would be. Nothing was asked."""

    roles: list[str]
    duration_seconds: int = Field(description="How long access would last")
    requested_duration_seconds: int | None = None
    limit_seconds: int | None = None
    pending_ttl_seconds: int = Field(description="How long it would wait for a decision")
    thresholds: list[Threshold] = Field([], description="Who would have to agree")
    checks: list[Check] = []
    suggested_reviewers: list[str] = []
    possible_reviewers: list[str] = Field([], description="Who could decide it")
    reason_required: bool = False
    prompts: list[str] = Field([], description="What the reason should answer")


class RequestableRole(Answer):
    name: str
    title: str = ""
    description: str = ""
    held: bool = Field(description="Whether you hold it at this moment")
    limit_seconds: int | None = Field(
        None, description="How long it is given at most; null: no limit of its own"
    )
    reason_required: bool = False
    prompts: list[str] = Field([], description="What the reason should answer")


class RequestableRoles(Answer):
    roles: list[RequestableRole]


class Access(Answer):
    """Who you are for the plane, and what you hold now."""

    user: str
    owner: str = Field(description="The person who answers for you")
    standing_roles: list[str] = Field(description="Held all the time")
    grants: list[Grant] = Field(description="Held for a time, and in force now")


def request_of(request: documents.AccessRequest) -> Request:
    grants = [grant_of(each) for each in request.grants]
    return Request.model_validate({**request.document, "grants": grants})


def requests_of(found: list[documents.AccessRequest], *, limit: int) -> Requests:
    """`found` holds one more than `limit` where there are more."""
    shown = [request_of(each) for each in found[:limit]]
    return Requests(requests=shown, more=len(found) > limit)


def grant_of(grant: documents.Grant) -> Grant:
    return Grant.model_validate({**grant.document, "seconds_left": _seconds_left(grant)})


def _seconds_left(grant: documents.Grant) -> int:
    if grant.state != "ACTIVE" or grant.ends_at is None:
        return 0
    return max(0, int(grant.ends_at.timestamp() - time.time()))


def waited_for(request: documents.AccessRequest) -> Waited:
    if request.is_pending:
        advice = (
            "Still pending: nobody has decided yet. Call wait_for_decision again with the same "
            "request_id, or do something else meanwhile: the request stays."
        )
    elif request.is_approved:
        advice = "Approved. Call end_access with the id of its grant as soon as you are done."
    else:
        advice = (
            f"{request.state}: you don't get access. Do not ask again without a new reason."
        )
    return Waited(decided=not request.is_pending, request=request_of(request), next=advice)


def plan_of(plan: documents.Plan) -> Plan:
    return Plan.model_validate(plan.document)


def roles_of(roles: Iterable[documents.RequestableRole]) -> RequestableRoles:
    found = [RequestableRole.model_validate(each.document) for each in roles]
    return RequestableRoles(roles=found)


def access_of(user: documents.User, held: Iterable[documents.Grant]) -> Access:
    return Access(
        user=user.email,
        owner=user.owner,
        standing_roles=list(user.roles),
        grants=[grant_of(each) for each in held],
    )
