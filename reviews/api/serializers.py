"""What comes in about reviews, and the answer to one."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.errors import InvalidInput
from accessplane.lib.inputs import Instant, Strict, Text
from policy.verdicts import (
    KEY_LENGTH,
    MOST_KEYS,
    MOST_VALUES,
    VALUE_LENGTH,
    Effect,
    Verdict,
)
from requests_app import representations
from reviews.thresholds import Decision


class InvalidDecision(InvalidInput):
    """No decision that a review, or a forced resolution, could have."""

    code = "invalid_decision"


class DecisionField(serializers.ChoiceField):
    """One of the decisions; `invalid_decision` otherwise."""

    def to_internal_value(self, data: Any) -> str:
        """The decision."""
        if not isinstance(data, str) or data not in self.choices:
            raise InvalidDecision(f"A decision is one of {', '.join(map(str, self.choices))}.")
        return data


class Annotations(serializers.DictField):
    """What a bot adds to what it says: a few lists of texts, by keys."""

    default_error_messages = {
        "keys": f"There are at most {MOST_KEYS} keys, each of 1 to {KEY_LENGTH} characters."
    }

    def __init__(self, **kwargs: Any) -> None:
        values = serializers.ListField(
            child=Text(max_length=VALUE_LENGTH), max_length=MOST_VALUES
        )
        super().__init__(**{"child": values, "default": dict, **kwargs})

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        """The lists by their keys."""
        found = super().to_internal_value(data)
        if len(found) > MOST_KEYS or not all(0 < len(key) <= KEY_LENGTH for key in found):
            self.fail("keys")
        return dict(found)


class NewReview(Strict):
    """A judgement or a remark."""

    decision = DecisionField(choices=[str(decision) for decision in Decision])
    reason = Text(allow_blank=True, default="")
    start_time = Instant(allow_null=True, default=None)
    annotations = Annotations(help_text="Only a bot's review carries annotations")


class NewVerdict(Strict):
    """What a workflow says of a request."""

    verdict = serializers.ChoiceField(choices=[str(effect) for effect in Effect])
    reason = Text(allow_blank=True, default="")
    annotations = Annotations()

    def said(self) -> Verdict:
        """The verdict, once it is valid."""
        said = self.validated_data
        return Verdict(Effect(said["verdict"]), said["reason"], said["annotations"])


class FactsOfRequest(serializers.Serializer[Any]):
    """The request as a workflow sees it."""

    id = serializers.UUIDField()
    user = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(allow_blank=True)
    annotations = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    created_at = serializers.DateTimeField()
    start_time = serializers.DateTimeField(allow_null=True)
    duration_seconds = serializers.IntegerField()
    extends = serializers.UUIDField(allow_null=True)


class FactsOfRequester(serializers.Serializer[Any]):
    """Who asks, with the static roles and the traits of this moment."""

    user = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField())
    traits = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class Facts(serializers.Serializer[Any]):
    """What a workflow may judge by."""

    request = FactsOfRequest()
    requester = FactsOfRequester()


class CheckDocument(representations.CheckOfRequest):
    """A check, as its bot sees it."""

    facts = Facts()


class Resolution(Strict):
    """A resolution without thresholds."""

    state = DecisionField(choices=["APPROVED", "DENIED"])
    reason = Text(allow_blank=True, default="")
    start_time = Instant(allow_null=True, default=None)


class Reviewed(serializers.Serializer[Any]):
    """A review, and the request as it is after it."""

    review = representations.Review()
    request = representations.RequestDocument()
