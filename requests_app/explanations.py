"""An explanation as the JSON document that goes out (CONTRACT 3)."""

from typing import Any

from rest_framework import serializers

from policy.verdicts import CheckState
from requests_app import sentences
from requests_app.explaining import Because, Conditions, Effect, Explanation, Held, Outlook
from requests_app.explaining import Standing as RoleStanding
from requests_app.planning import judgement_as_json
from requests_app.representations import PlannedCheck, Threshold, threshold_documents


class _Names(serializers.ListField):
    child = serializers.CharField()


class RefusalOfRequest(serializers.Serializer[Any]):
    """What the real call would be refused with."""

    code = serializers.CharField()
    detail = serializers.CharField()


class Reason(serializers.Serializer[Any]):
    """One place in a held role that speaks of the name: a pattern, or a claim mapping."""

    effect = serializers.ChoiceField(choices=[str(effect) for effect in Effect])
    role = serializers.CharField()
    pattern = serializers.CharField()
    claim = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()


class Standing(serializers.Serializer[Any]):
    """How the user stands to one role that is asked for."""

    name = serializers.CharField()
    exists = serializers.BooleanField(allow_null=True, help_text="Null where it is not told")
    held = serializers.ChoiceField(choices=[str(held) for held in Held], allow_null=True)
    requestable = serializers.BooleanField()
    because = Reason(many=True)
    silent_roles = _Names(help_text="The held roles, if none of them speaks of the name")
    sentence = serializers.CharField()


class ReasonPattern(serializers.Serializer[Any]):
    """What a role looks for in the reason."""

    role = serializers.CharField()
    pattern = serializers.CharField()


class TermsOfRequest(serializers.Serializer[Any]):
    """Under which terms the roles may be asked for, and which roles set them."""

    reason_required = serializers.BooleanField()
    reason_required_by = _Names()
    reason_patterns = ReasonPattern(many=True)
    prompts = _Names()
    duration_seconds = serializers.IntegerField()
    limit_seconds = serializers.IntegerField(allow_null=True)
    limit_set_by = _Names()
    sentences = _Names()


class NeedOfRequest(serializers.Serializer[Any]):
    """One of these thresholds must be reached, for these roles; held roles demand it."""

    roles = _Names()
    demanded_by = _Names()
    thresholds = Threshold(many=True)
    sentence = serializers.CharField()


class ExplanationDocument(serializers.Serializer[Any]):
    """Whether a request would be accepted, and why; who would have to agree.

    `terms`, `needs`, `possible_reviewers` and `checks` are told if every role may be asked for.
    """

    user = serializers.EmailField()
    allowed = serializers.BooleanField()
    refusal = RefusalOfRequest(allow_null=True)
    denied_by = _Names(help_text="The workflows that would deny the request")
    summary = serializers.CharField()
    roles = Standing(many=True)
    terms = TermsOfRequest(allow_null=True)
    needs = NeedOfRequest(many=True)
    possible_reviewers = serializers.ListField(child=serializers.EmailField())
    checks = PlannedCheck(many=True)


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """The whole document."""
    refusal, outlook = explanation.refusal, explanation.outlook
    return {
        "user": explanation.user,
        "allowed": refusal is None,
        "refusal": refusal and {"code": refusal.code, "detail": refusal.detail},
        "denied_by": explanation.denied_by,
        "summary": sentences.summary_of(explanation),
        "roles": [_standing(role, explanation.name) for role in explanation.roles],
        "terms": _terms(outlook.conditions) if outlook else None,
        "needs": _needs(outlook) if outlook else [],
        "possible_reviewers": list(outlook.possible_reviewers) if outlook else [],
        "checks": _checks(outlook) if outlook else [],
    }


def _standing(standing: RoleStanding, name: str) -> dict[str, Any]:
    return {
        "name": standing.name,
        "exists": standing.exists,
        "held": standing.held and str(standing.held),
        "requestable": standing.requestable,
        "because": [_because(one) for one in standing.because],
        "silent_roles": list(standing.silent),
        "sentence": sentences.standing_sentence(standing, name=name),
    }


def _because(because: Because) -> dict[str, Any]:
    return {
        "effect": str(because.effect),
        "role": because.role,
        "pattern": because.pattern,
        "claim": because.claim,
        "value": because.value,
        "sentence": sentences.because_sentence(because),
    }


def _terms(conditions: Conditions) -> dict[str, Any]:
    limit = conditions.limit
    return {
        "reason_required": conditions.reason_required,
        "reason_required_by": list(conditions.reason_required_by),
        "reason_patterns": [
            {"role": role, "pattern": pattern} for role, pattern in conditions.reason_patterns
        ],
        "prompts": list(conditions.prompts),
        "duration_seconds": int(conditions.duration.total_seconds()),
        "limit_seconds": None if limit is None else int(limit.total_seconds()),
        "limit_set_by": list(conditions.limit_set_by),
        "sentences": sentences.condition_sentences(conditions),
    }


def _needs(outlook: Outlook) -> list[dict[str, Any]]:
    thresholds = threshold_documents(judgement_as_json(outlook.judgement), [])
    return [
        {
            "roles": list(need.roles),
            "demanded_by": list(need.demanded_by),
            "thresholds": [thresholds[index] for index in need.indexes],
            "sentence": sentences.need_sentence(need, outlook),
        }
        for need in outlook.needs
    ]


def _checks(outlook: Outlook) -> list[dict[str, Any]]:
    return [
        {
            "workflow": check.workflow,
            "state": str(CheckState(check.state)),
            "reason": check.reason,
            "problem": "",
        }
        for check in outlook.checks
    ]
