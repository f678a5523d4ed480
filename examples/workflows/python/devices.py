"""Computers that the company knows, by its device registry."""

import os

import httpx


def registered_computer(user: str) -> bool:
    """Whether a computer of this person is registered. No answer at all is an error."""
    address = os.environ.get("DEVICES_URL", "http://127.0.0.1:8701")
    answer = httpx.get(f"{address}/devices", params={"owner": user}, timeout=10)
    return bool(answer.raise_for_status().json()["devices"])
