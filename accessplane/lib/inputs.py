"""What comes in over REST, read strictly: an unknown field or parameter is an error."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.utils.serializer_helpers import BindingDict

from accessplane.lib import instants
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
_ID_LENGTH = len(str(UUID(int=0)))
_LIMIT_DIGITS = len(str(MAX_LIMIT))


class Strict(serializers.Serializer[Any]):
    """A document that comes in: fields that it does not know are refused by name.

    A field may raise an `InvalidInput` with a code of its own; that code is kept if nothing
    else is wrong.
    """

    @classmethod
    def repeated(cls) -> set[str]:
        """The fields that take every value of a query parameter, not the last one."""
        lists = serializers.ListField
        return {name for name, field in _fields_of(cls).items() if isinstance(field, lists)}

    @property
    def fields(self) -> Any:
        """The fields, which all documents of a class share: a field keeps nothing of a call."""
        return _fields_of(type(self))

    def to_internal_value(self, data: Any) -> Any:
        """The values by field; raises for the first code, with the sentences of all fields."""
        if not isinstance(data, Mapping):
            raise ValidationError({"non_field_errors": ["A JSON object is expected."]})
        errors: dict[str, Any] = {
            str(key): ["This field is not known."] for key in data if key not in self.fields
        }
        refusal: InvalidInput | None = None
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            try:
                values[name] = field.run_validation(field.get_value(data))
            except ValidationError as error:
                errors[name] = error.detail
            except InvalidInput as error:
                refusal = refusal or type(error)(error.detail, errors={name: [error.detail]})
            except serializers.SkipField:
                pass
        if errors:
            raise ValidationError(errors)
        if refusal is not None:
            raise refusal
        return values


class Nothing(Strict):
    """A body without fields."""


@cache
def _fields_of(form: type[Strict]) -> BindingDict:
    """The fields of such a document; REST framework would copy them for each call."""
    blank = form()
    fields = BindingDict(blank)
    for name, field in blank.get_fields().items():
        fields[name] = field
    return fields


class Text(serializers.CharField):
    """A text as it came, white space included; nothing else becomes one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """The text as it came."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Id(serializers.UUIDField):
    """The id of an object: a UUID, written as a text."""

    def to_internal_value(self, data: Any) -> UUID:
        """The id."""
        if not isinstance(data, str) or len(data) != _ID_LENGTH:
            self.fail("invalid", value=data)
        return UUID(str(super().to_internal_value(data)))


class Flag(serializers.BooleanField):
    """True or false; no text and no number is one."""

    def to_internal_value(self, data: Any) -> bool:
        """The value as it came."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": ["string", "number"], "examples": ["1h30m", 5400]})
class Duration(serializers.Field[timedelta, Any, str, Any]):
    """A length of time: a text such as 1h30m, or seconds; `invalid_duration` otherwise."""

    def to_internal_value(self, data: Any) -> timedelta:
        """The length."""
        return parse_duration(data)

    def to_representation(self, value: timedelta) -> str:
        """Seconds, as text."""
        return str(int(value.total_seconds()))


@extend_schema_field({"type": "string", "format": "date-time"})
class Instant(serializers.Field[datetime, Any, str, Any]):
    """An RFC 3339 time with a zone."""

    default_error_messages = {"invalid": "A time looks like 2026-11-22T18:40:00Z, with a zone."}

    def to_internal_value(self, data: Any) -> datetime:
        """The time in UTC."""
        moment = instants.moment_from(data)
        if moment is None:
            self.fail("invalid")
        return moment

    def to_representation(self, value: datetime) -> str:
        """The time in UTC, as text."""
        return instants.text_of(value)


def limit_of(text: str | None) -> int:
    """How many rows a page has; `InvalidInput` unless that is a number from 1 to 200."""
    if text is None:
        return DEFAULT_LIMIT
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= _LIMIT_DIGITS
        and 1 <= int(text) <= MAX_LIMIT
    ):
        return int(text)
    sentence = f"A limit is a number from 1 to {MAX_LIMIT}."
    raise InvalidInput(sentence, errors={"limit": [sentence]})
