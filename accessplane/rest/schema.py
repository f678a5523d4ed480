"""The OpenAPI document: every call with its answers and its refusals."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class Problem(serializers.Serializer[Any]):
    """An RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people")
    code = serializers.CharField(help_text="A word for programs")
    errors = serializers.DictField(  # type: ignore[assignment]  # a name of DRF's own
        child=serializers.ListField(child=serializers.CharField())
    )


_ALWAYS = {400: "What was sent is wrong", 401: "Nobody is signed in", 429: "Too many calls"}
_OF_A_CHANGE = {
    403: "The caller may not do this",
    404: "It does not exist, or not for the caller",
    409: "It does not fit the present state",
    413: "The body is too large",
    415: "The body is of a type that is not read",
    422: "The Idempotency-Key was used with another body",
}


_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key and body give the same answer for 24 hours.",
}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document tells of API tokens."""

    target_class = "accessplane.rest.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ap_..."}


class BrowserSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document tells of the pages' session."""

    target_class = "accessplane.rest.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """The cookie of the session; changes need the CSRF token too."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class Schema(AutoSchema):
    """Adds the refusals, which all look alike, to what each view declares."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with its refusals."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if self.method == "POST":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        refusals = dict(_ALWAYS)
        if "{" in self.path:
            refusals[404] = _OF_A_CHANGE[404]
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
