"""What comes in about requests and grants."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.inputs import Duration, Flag, Id, Instant, Strict, Text
from requests_app.planning import Wish
from requests_app.representations import PlanDocument
from requests_app.services.asking import Offer
from requests_app.states import GrantState, RequestState

_MAX_NAMES = 500


class NewRequest(Strict):
    """A wish; what is null was not said."""

    roles = serializers.ListField(child=Text(max_length=1000), max_length=_MAX_NAMES)
    reason = Text(allow_blank=True, allow_null=True, default=None)
    suggested_reviewers = serializers.ListField(
        child=Text(max_length=1000), max_length=_MAX_NAMES, allow_null=True, default=None
    )
    duration = Duration(allow_null=True, default=None)
    pending_ttl = Duration(allow_null=True, default=None)
    start_time = Instant(allow_null=True, default=None)
    extends = Id(allow_null=True, default=None)
    for_user = Text(allow_null=True, default=None, max_length=1000)
    dry_run = Flag(default=False)

    def wish(self) -> Wish:
        """What the requester says, once it is valid."""
        said = self.validated_data
        suggested = said["suggested_reviewers"]
        return Wish(
            roles=tuple(said["roles"]),
            reason=said["reason"] or "",
            suggested_reviewers=None if suggested is None else tuple(suggested),
            duration=said["duration"],
            pending_ttl=said["pending_ttl"],
            start_time=said["start_time"],
        )


class Reason(Strict):
    """A reason, where a deed can do without one."""

    reason = Text(allow_blank=True, default="")


class RequestFilters(Strict):
    """Which requests a list shows."""

    scope = serializers.ChoiceField(
        choices=["mine", "reviewable", "reviewed", "all"], default="all"
    )
    state = serializers.ChoiceField(choices=[str(s) for s in RequestState], required=False)
    role = Text(required=False, max_length=128)
    requester = Text(required=False, max_length=254)
    search = Text(required=False, max_length=200)
    created_after = Instant(required=False)
    created_before = Instant(required=False)


class GrantFilters(Strict):
    """Which grants a list shows."""

    user = Text(required=False, max_length=254)
    role = Text(required=False, max_length=128)
    state = serializers.ChoiceField(choices=[str(s) for s in GrantState], required=False)
    in_force = serializers.ChoiceField(choices=["true", "false"], required=False)


class AccessQuestion(Strict):
    """Whose access to what; without a user, the caller's own."""

    user = Text(required=False, max_length=254)
    role = Text(max_length=1000)


class Question(Strict):
    """What somebody would ask for, and who: without a user, the caller."""

    user = Text(max_length=254, default=None)
    role = serializers.ListField(
        child=Text(max_length=1000), max_length=_MAX_NAMES, default=list
    )
    reason = Text(allow_blank=True, default="")
    duration = Duration(default=None)


class Access(serializers.Serializer[Any]):
    """Whether a role is held at this moment."""

    allowed = serializers.BooleanField()
    via = serializers.ChoiceField(choices=["static", "grant"], allow_null=True)
    grant = serializers.UUIDField(allow_null=True, source="grant_id")
    ends_at = serializers.DateTimeField(allow_null=True)


class DryRun(serializers.Serializer[Any]):
    """The answer to a dry run."""

    plan = PlanDocument()


class RequestableRole(serializers.Serializer[Any]):
    """A role that the caller may ask for, and under which terms."""

    name = serializers.CharField()
    title = serializers.CharField(help_text="The label `title`, or the name")
    description = serializers.CharField(allow_blank=True)
    held = serializers.BooleanField()
    limit_seconds = serializers.IntegerField(allow_null=True)
    reason_required = serializers.BooleanField()
    prompts = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: Offer) -> dict[str, Any]:
        """The document of an offer."""
        role, terms = instance.role, instance.terms
        return {
            "name": role.name,
            "title": role.title,
            "description": role.description,
            "held": instance.held,
            "limit_seconds": terms.limit and int(terms.limit.total_seconds()),
            "reason_required": terms.reason_required,
            "prompts": terms.prompts,
        }
