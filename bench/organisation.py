"""The organisation that is measured: twenty roles, thirty people, conditions in use."""

from typing import Any

Document = dict[str, Any]

# Those of the first half need two approvals, those of the second the word of somebody who knows.
CAREFUL = ("dba", "prod-web", "prod-admin", "billing-admin", "vault-reader", "dns-admin")
QUICK = ("staging-db", "staging-web", "kafka-admin", "deployer", "data-lake", "support")
REQUESTABLE = CAREFUL + QUICK

ADMIN = "dana@example.com"
GATEWAY = "gateway@example.com"
REVIEWERS = [f"reviewer-{number}@example.com" for number in range(1, 6)]
STRICT_REVIEWER = "strict@example.com"
ENGINEERS = [f"engineer-{number:02}@example.com" for number in range(1, 23)]


def documents() -> list[Document]:
    """Everything, as `manage.py apply` takes it."""
    return [*_roles(), *_people()]


def _roles() -> list[Document]:
    """Beside the three presets that `apply` finds in place."""
    requestable = [
        _document("role", name, {"allow": {"logins": [name], "db_roles": [name]}})
        for name in REQUESTABLE
    ]
    return [
        *requestable,
        _document("role", "engineer", {"allow": {"kubernetes_groups": ["engineers"]}}),
        _document("role", "developer", {"allow": {"request": _careful_request()}}),
        _document("role", "operator", {"allow": {"request": _quick_request()}}),
        _document("role", "careful-reviewer", _reviewing(CAREFUL)),
        _document("role", "quick-reviewer", _reviewing(QUICK)),
        _document("role", "strict-reviewer", _reviewing(REQUESTABLE, 'request.reason != ""')),
        _document("role", "contractor", {"deny": {"request": {"roles": ["prod-*"]}}}),
        _document("role", "gateway", {"allow": {"rules": [_READ_GRANTS]}}),
    ]


_READ_GRANTS = {"resources": ["grant"], "verbs": ["list", "read"]}


def _careful_request() -> Document:
    return {
        "roles": list(CAREFUL),
        "thresholds": [{"name": "two people", "approve": 2, "deny": 1}],
        "suggested_reviewers": REVIEWERS[:2],
        "max_duration": "8h",
        "reason": {
            "mode": "required",
            "prompt": "Which ticket?",
            "pattern": r"(?i)ticket #\d+",
        },
        "annotations": {"team": ["{{external.team}}"]},
    }


def _quick_request() -> Document:
    knows = 'contains(reviewer.traits["team"], "platform") && request.reason != ""'
    return {
        "roles": list(QUICK),
        "thresholds": [
            {"name": "somebody of platform", "filter": knows, "approve": 1, "deny": 1},
            {"name": "any two", "approve": 2, "deny": 2},
        ],
        "max_duration": "3d",
    }


def _reviewing(roles: tuple[str, ...], where: str = "") -> Document:
    return {"allow": {"review_requests": {"roles": list(roles), "where": where}}}


def _people() -> list[Document]:
    asking = ["engineer", "developer", "operator"]
    reviewing = ["engineer", "careful-reviewer", "quick-reviewer"]
    strict = ["engineer", "strict-reviewer"]
    return [
        _person(ADMIN, ["admin"], "security"),
        _person(GATEWAY, ["gateway"], "security", bot=True, owner=ADMIN),
        _person(STRICT_REVIEWER, strict, "security"),
        *(_person(email, reviewing, "platform") for email in REVIEWERS),
        *(_person(email, asking, "payments") for email in ENGINEERS),
    ]


def _person(email: str, roles: list[str], team: str, **more: Any) -> Document:
    name = email.partition("@")[0].replace("-", " ").title()
    spec = {"display_name": name, "roles": roles, "traits": {"team": [team]}, **more}
    return _document("user", email, spec)


def _document(kind: str, name: str, spec: Document) -> Document:
    return {"kind": kind, "version": "v1", "metadata": {"name": name}, "spec": spec}
