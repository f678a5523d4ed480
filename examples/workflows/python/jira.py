"""Tickets in Jira, by its REST API; works with Jira Cloud and with `services/jira_lookup.py`."""

import logging
import os
import re
from typing import Any

import httpx

log = logging.getLogger(__name__)

_KEY = re.compile(r"\b([A-Z][A-Z0-9]+-[0-9]+)\b|#([0-9]+)\b")
_NOT_FOUND = 404


def key_in(text: str) -> str | None:
    """The ticket that a text names: `OPS-123`, or `#123` of the project JIRA_PROJECT."""
    found = _KEY.search(text)
    if found is None:
        return None
    return found[1] or f"{os.environ.get('JIRA_PROJECT', 'OPS')}-{found[2]}"


def get_ticket(text: str) -> dict[str, Any] | None:
    """The ticket that a text names, if there is one and it is open."""
    key = key_in(text)
    if key is None:
        return None
    ticket = _issue(key)
    return ticket if ticket is not None and _is_open(ticket) else None


def _issue(key: str) -> dict[str, Any] | None:
    """The issue as Jira gives it, None if it has none. No answer at all is an error."""
    log.info("Asking Jira about %s.", key)
    address = os.environ.get("JIRA_URL", "http://127.0.0.1:8702")
    answer = httpx.get(
        f"{address}/rest/api/3/issue/{key}",
        params={"fields": "status"},
        auth=_login(),
        timeout=10,
    )
    if answer.status_code == _NOT_FOUND:
        return None
    return answer.raise_for_status().json()


def _login() -> tuple[str, str] | None:
    """An Atlassian account and its API token; the small Jira of the examples wants none."""
    email, token = os.environ.get("JIRA_EMAIL"), os.environ.get("JIRA_TOKEN")
    return (email, token) if email and token else None


def _is_open(ticket: dict[str, Any]) -> bool:
    """Statuses have names of their own in every company; their categories are Jira's."""
    return ticket["fields"]["status"]["statusCategory"]["key"] != "done"
