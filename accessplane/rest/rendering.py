"""JSON as it is sent."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import JSONRenderer


class FastJSON(JSONRenderer):
    """JSON without white space, written several times as fast as Python's own module does."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the answer; none for no data."""
        return b"" if data is None else msgspec.json.encode(data, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """What REST framework's encoder makes of a value that JSON does not know."""
    if isinstance(value, str):  # a subclass
        return str.__str__(value)
    return JSONRenderer.encoder_class().default(value)
