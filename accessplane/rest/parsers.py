"""JSON as it is read here: strictly."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from accessplane.lib.soundness import is_sound


class StrictJSON(BaseParser):
    """JSON without repeated keys, NaN, or text that no database could store."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The values of the body; `ParseError` says what is wrong with it."""
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, object_pairs_hook=_no_twins, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is no JSON that can be read: {error}") from error
        if not is_sound(value):
            raise ParseError("The body holds text that cannot be stored.")
        return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
