"""What may stand in the address of a call."""

import re
from ipaddress import ip_address
from urllib.parse import quote, urlsplit
from uuid import UUID

from accessplane_client.errors import MalformedId, PlaneError

WHOLE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def plane_url(text: str) -> str:
    """The address of a plane without its last slash; refused unless it is plain http or https."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise PlaneError(f"{text!r} is not an address.", code="invalid_url") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise PlaneError(
            f"{text!r} is not the address of a plane: it begins with https:// (or http://).",
            code="invalid_url",
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise PlaneError(
            "The address of a plane has no user name, question mark or # in it.",
            code="invalid_url",
        )
    return url


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_encrypted(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def whole_id(value: UUID | str) -> str:
    text = str(value).strip()
    if not WHOLE_ID.fullmatch(text):
        raise MalformedId(text)
    return text.lower()


def segment(name: str) -> str:
    """`name` as one part of a path, whatever is in it."""
    if name in {"", ".", ".."}:
        raise PlaneError(f"{name!r} is not a name.", code="invalid_input")
    return quote(name, safe="@:")
