"""A request, its plan and a grant as the JSON documents that go out (CONTRACT 3).

The classes declare the fields for the schema. The documents are built by hand, a list of fifty
is built often, and leave ids for the encoder to write.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers

from accessplane.lib.instants import text_of, text_or_none
from policy.services import Planned
from policy.verdicts import STATE_OF, CheckState
from requests_app import planning, shown
from requests_app.models import AccessRequest, Check, Grant
from requests_app.reviewers import reviewer_names
from requests_app.services.asking import Draft
from requests_app.shown import ShownCheck, ShownGrant, ShownRequest
from requests_app.states import GrantState, RequestState

_DECISIONS = ["APPROVE", "DENY", "COMMENT"]


class Part(serializers.Serializer[Any]):
    """One part of a threshold that needs different people."""

    name = serializers.CharField()
    filter = serializers.CharField()
    approve = serializers.IntegerField()
    approvals = serializers.IntegerField()


class Threshold(serializers.Serializer[Any]):
    """A threshold as frozen, with what was said so far and the roles that need it."""

    name = serializers.CharField()
    filter = serializers.CharField()
    approve = serializers.IntegerField()
    deny = serializers.IntegerField()
    all_of = Part(many=True, required=False)
    approvals = serializers.IntegerField()
    denials = serializers.IntegerField()
    roles = serializers.ListField(child=serializers.CharField())


class Review(serializers.Serializer[Any]):
    """One judgement of a request."""

    id = serializers.UUIDField()
    reviewer = serializers.EmailField()
    decision = serializers.ChoiceField(choices=_DECISIONS)
    reason = serializers.CharField(allow_blank=True)
    annotations = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    created_at = serializers.DateTimeField()
    via = serializers.CharField()


class CheckOfRequest(serializers.Serializer[Any]):
    """The verdict of one custom workflow, or why there is none yet."""

    workflow = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(state) for state in CheckState])
    reason = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True, help_text="What went wrong so far")
    tries = serializers.IntegerField(help_text="How often the workflow was asked in vain")
    next_try_at = serializers.DateTimeField(allow_null=True)


class PlannedCheck(serializers.Serializer[Any]):
    """A workflow that would be asked, with its verdict where that is known already.

    It has the fields of a check; nobody was asked, so there is no `problem` yet.
    """

    workflow = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(state) for state in CheckState])
    reason = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)


class GrantOfRequest(serializers.Serializer[Any]):
    """A grant as its request shows it."""

    id = serializers.UUIDField()
    role = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(state) for state in GrantState])
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The document of a grant whose role is loaded; `at` comes in the context."""
        return _grant(instance, self.context["at"])


class GrantDocument(GrantOfRequest):
    """A grant by itself."""

    user = serializers.EmailField()
    request = serializers.UUIDField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it was ended or revoked")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The document of a grant whose role and user are loaded; `at` comes in the context."""
        return super().to_representation(instance) | {
            "user": instance.user.email,
            "request": str(instance.request_id),
            "reason": instance.closed_reason,
        }


class RequestRow(serializers.Serializer[Any]):
    """A request as lists show it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[str(state) for state in RequestState])
    requester = serializers.EmailField()
    author = serializers.EmailField()
    owner = serializers.EmailField(allow_null=True, help_text="The owner of a bot that asks")
    roles = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(allow_blank=True)
    suggested_reviewers = serializers.ListField(child=serializers.EmailField())
    annotations = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    created_at = serializers.DateTimeField()
    pending_expires_at = serializers.DateTimeField()
    start_time = serializers.DateTimeField(allow_null=True)
    duration_seconds = serializers.IntegerField()
    requested_duration_seconds = serializers.IntegerField(allow_null=True)
    limit_seconds = serializers.IntegerField(allow_null=True)
    extends = serializers.UUIDField(allow_null=True)
    via = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolve_reason = serializers.CharField(allow_blank=True)
    forced = serializers.BooleanField()
    thresholds = Threshold(many=True)
    reviews = Review(many=True)
    checks = CheckOfRequest(many=True)
    grants = GrantOfRequest(many=True)
    url = serializers.URLField()


class RequestDocument(RequestRow):
    """One request, with the people who may decide it."""

    possible_reviewers = serializers.ListField(child=serializers.EmailField())


def review_document(review: Any) -> dict[str, Any]:
    """The document of a review, of its model or of a shown request."""
    return {
        "id": review.id,
        "reviewer": review.reviewer_email,
        "decision": review.decision,
        "reason": review.reason,
        "annotations": review.annotations,
        "created_at": text_of(review.created_at),
        "via": review.via,
    }


def request_rows(requests: Sequence[ShownRequest], *, at: datetime) -> list[dict[str, Any]]:
    """The requests as lists show them at this moment."""
    return [_row(request, at) for request in requests]


def request_document(
    request: AccessRequest | ShownRequest, possible_reviewers: Sequence[str], *, at: datetime
) -> dict[str, Any]:
    """The whole document of one request, as it is at this moment."""
    return _row(request, at) | {"possible_reviewers": list(possible_reviewers)}


def document_of(request_id: UUID, *, at: datetime) -> dict[str, Any]:
    """The whole document of a request that the caller has just acted on, read again."""
    (request,) = shown.requests([request_id])
    return request_document(request, reviewer_names(request), at=at)


class PlanDocument(serializers.Serializer[Any]):
    """What a request would come to."""

    roles = serializers.ListField(child=serializers.CharField())
    duration_seconds = serializers.IntegerField()
    requested_duration_seconds = serializers.IntegerField(allow_null=True)
    limit_seconds = serializers.IntegerField(allow_null=True)
    pending_ttl_seconds = serializers.IntegerField()
    thresholds = Threshold(many=True)
    checks = PlannedCheck(many=True)
    suggested_reviewers = serializers.ListField(child=serializers.EmailField())
    possible_reviewers = serializers.ListField(child=serializers.EmailField())
    recipients = serializers.ListField(
        child=serializers.CharField(), help_text="Rooms of routes, and addresses of people"
    )
    annotations = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    reason_required = serializers.BooleanField()
    prompts = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: Draft) -> dict[str, Any]:
        """The document of a draft."""
        plan = instance.plan
        return {
            "roles": list(plan.roles),
            "duration_seconds": _seconds(plan.duration),
            "requested_duration_seconds": _seconds(plan.requested_duration),
            "limit_seconds": _seconds(plan.limit),
            "pending_ttl_seconds": _seconds(plan.pending_ttl),
            "thresholds": threshold_documents(planning.judgement_as_json(plan.judgement), []),
            "checks": [_planned(check) for check in instance.checks],
            "suggested_reviewers": instance.suggested_reviewers,
            "possible_reviewers": instance.possible_reviewers,
            "recipients": instance.recipients,
            "annotations": plan.annotations,
            "reason_required": plan.reason_required,
            "prompts": plan.prompts,
        }


def _row(request: AccessRequest | ShownRequest, at: datetime) -> dict[str, Any]:
    reviews = request.all_reviews
    return {
        **_plain_fields(request, at),
        "thresholds": threshold_documents(request.judgement, reviews),
        "reviews": [review_document(review) for review in reviews],
        "checks": [check_document(check) for check in request.all_checks],
        "grants": [_grant(grant, at) for grant in request.all_grants],
    }


def check_document(check: Check | ShownCheck) -> dict[str, Any]:
    """A check as its request shows it, of its model or of a shown request."""
    pending = check.state == CheckState.PENDING
    return {
        "workflow": check.name,
        "state": check.state,
        "reason": check.reason,
        "problem": check.problem,
        "tries": check.tries,
        "next_try_at": text_or_none(check.next_at) if pending and check.problem else None,
    }


def _planned(planned: Planned) -> dict[str, Any]:
    verdict = planned.verdict
    return {
        "workflow": planned.binding.name,
        "state": str(STATE_OF[verdict.effect] if verdict else CheckState.PENDING),
        "reason": verdict.reason if verdict else "",
        "problem": planned.problem,
    }


def _grant(grant: Grant | ShownGrant, at: datetime) -> dict[str, Any]:
    return {
        "id": grant.id,
        "role": grant.role_name,
        "state": str(grant.state_at(at)),
        "starts_at": text_of(grant.starts_at),
        "ends_at": text_of(grant.ends_at),
    }


def _plain_fields(request: AccessRequest | ShownRequest, at: datetime) -> dict[str, Any]:
    return {
        "id": request.id,
        "state": str(request.state_at(at)),
        "requester": request.requester.email,
        "author": request.author.email,
        "owner": request.owner_email,
        "roles": request.roles,
        "reason": request.reason,
        "suggested_reviewers": request.suggested_reviewers,
        "annotations": request.annotations,
        "created_at": text_of(request.created_at),
        "pending_expires_at": text_of(request.pending_expires_at),
        "start_time": text_or_none(request.start_time),
        "duration_seconds": _seconds(request.duration),
        "requested_duration_seconds": _seconds(request.requested_duration),
        "limit_seconds": _seconds(request.limit),
        "extends": request.extends_id,
        "via": request.via,
        "resolved_at": text_or_none(request.resolved_by(at)),
        "resolve_reason": request.resolve_reason,
        "forced": request.forced,
        "url": f"{settings.ACCESSPLANE_PUBLIC_URL}/requests/{request.id}",
    }


def threshold_documents(judgement: Any, reviews: Sequence[Any]) -> list[dict[str, Any]]:
    """The frozen thresholds with the numbers of reviews that meet them."""
    thresholds = judgement["thresholds"]
    met: list[list[tuple[str, Sequence[int]]]] = [[] for _ in thresholds]
    for review in reviews:
        for index, parts in review.met:
            met[index].append((review.decision, parts))
    return [
        {
            **_terms(threshold, met[index]),
            "approvals": sum(decision == "APPROVE" for decision, _ in met[index]),
            "denials": sum(decision == "DENY" for decision, _ in met[index]),
            "roles": [
                role["role"]
                for role in judgement["by_role"]
                if any(index in a_set for a_set in role["sets"])
            ],
        }
        for index, threshold in enumerate(thresholds)
    ]


def _terms(threshold: Any, met: Sequence[tuple[str, Sequence[int]]]) -> dict[str, Any]:
    """What a threshold asks for; one with parts asks for as many people as its parts together."""
    parts = threshold["all_of"]
    if parts is None:
        return {key: threshold[key] for key in ("name", "filter", "approve", "deny")}
    return {
        "name": threshold["name"],
        "filter": "",
        "approve": sum(part["approve"] for part in parts),
        "deny": threshold["deny"],
        "all_of": [
            part | {"approvals": sum(d == "APPROVE" and n in fits for d, fits in met)}
            for n, part in enumerate(parts)
        ],
    }


def _seconds(length: timedelta | None) -> Any:
    return None if length is None else int(length.total_seconds())
