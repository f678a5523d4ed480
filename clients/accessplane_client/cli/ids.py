"""Ids as people type them. Shortened ones are refused: two requests may begin alike."""

from accessplane_client.addresses import whole_id
from accessplane_client.errors import MalformedId, PlaneError


def request_id(text: str) -> str:
    return _whole(text, "ap request list")


def grant_id(text: str) -> str:
    return _whole(text, "ap grant list")


def _whole(text: str, where: str) -> str:
    try:
        return whole_id(text)
    except MalformedId as error:
        raise PlaneError(f"{error.detail} Copy it whole from `{where}`.") from error
