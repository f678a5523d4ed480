"""The OpenAPI document: every call with its answers and its refusals."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class Problem(serializers.Serializer[Any]):
    """An RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people")
    code = serializers.CharField(help_text="A word for programs")
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


_ALWAYS = {400: "What was sent is wrong", 401: "Nobody is signed in", 429: "Too many calls"}
_OF_AN_OBJECT = {404: "It does not exist, or not for the caller"}
_OF_A_CHANGE = {
    403: "The caller may not do this",
    409: "It does not fit the present state",
    413: "The body is too large",
    415: "The body is of a type that is not read",
    422: "The Idempotency-Key was used with another body",
}


class Schema(AutoSchema):
    """Adds the refusals, which all look alike, to what each view declares."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with its refusals."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        refusals = dict(_ALWAYS)
        if "{" in self.path:
            refusals |= _OF_AN_OBJECT
        refusals |= _OF_A_CHANGE if self.method != "GET" else {403: _OF_A_CHANGE[403]}
        reference = self.resolve_serializer(Problem(), "response").ref
        for status, description in sorted(refusals.items()):
            operation["responses"].setdefault(
                str(status),
                {
                    "description": description,
                    "content": {"application/problem+json": {"schema": reference}},
                },
            )
        return operation
