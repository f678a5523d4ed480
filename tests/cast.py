"""The people of every story, and the roles that make them who they are.

Bob asks, Alice and Ivan review, Carol is a contractor, Mallory may do nothing, the auditor reads,
Dana administers, and the robot asks for itself: it belongs to Ivan.
"""

from datetime import UTC, datetime
from functools import cache

from accessplane.lib.actors import Actor, ActorKind, Via, console
from identity import documents
from identity.models import User
from identity.services import configuration

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAGE = console("tests")

_ROLES = {
    "dba": {"allow": {"db_roles": ["dba"]}},
    "staging-db": {},
    "staging-web": {},
    "developer": {
        "allow": {
            "request": {
                "roles": ["dba"],
                "thresholds": [{"name": "two people", "approve": 2, "deny": 1}],
                "suggested_reviewers": ["alice@example.com", "ivan@example.com"],
                "max_duration": "8h",
            }
        }
    },
    "engineering": {
        "allow": {
            "request": {
                "roles": ["staging-*"],
                "thresholds": [{"name": "one colleague", "approve": 1, "deny": 1}],
            },
            "review_requests": {"roles": ["staging-*"]},
        }
    },
    "contractor": {
        "allow": {"request": {"roles": ["staging-web"]}},
        "deny": {"request": {"roles": ["dba"]}},
    },
    "dba-reviewer": {"allow": {"review_requests": {"roles": ["dba"]}}},
}

_PEOPLE = {
    "bob": {"roles": ["developer", "engineering"], "traits": {"team": ["payments"]}},
    "alice": {"roles": ["dba-reviewer", "engineering"], "traits": {"team": ["databases"]}},
    "ivan": {"roles": ["dba-reviewer", "engineering"], "traits": {"team": ["databases"]}},
    "carol": {"roles": ["contractor"], "traits": {"team": ["contractor"]}},
    "mallory": {},
    "auditor": {"roles": ["auditor"]},
    "dana": {"roles": ["admin"]},
    "robot": {"roles": ["developer"], "bot": True, "owner": "ivan@example.com"},
}


def enter(*, at: datetime = NOON) -> None:
    """Everybody takes the stage: roles and people through the use case that makes them."""
    configuration.apply_documents(_whole_cast(), by=STAGE, may=configuration.everything, at=at)


def apply(*described: dict, at: datetime = NOON) -> None:
    """Change the standing world: documents as `role()` and `person()` make them."""
    configuration.apply_documents(
        documents.from_values(list(described), source="a test"),
        by=STAGE,
        may=configuration.everything,
        at=at,
    )


def role(name: str, **spec) -> dict:
    """The document of a role."""
    return document("role", name, spec)


def person(name: str, **spec) -> dict:
    """The document of a person: `bob` is bob@example.com."""
    spec = {"display_name": name.title()} | spec
    return document("user", f"{name}@example.com", spec)


def called(name: str) -> User:
    """The person of this name."""
    return User.objects.get(email=f"{name}@example.com")


def actor_of(user: User, via: Via = Via.API) -> Actor:
    """The user as somebody who acts."""
    kind = ActorKind.BOT if user.is_bot else ActorKind.USER
    return Actor(kind=kind, name=user.email, via=via, id=user.pk)


def document(kind: str, name: str, spec: dict) -> dict:
    """A document of this kind, without a description."""
    return {"kind": kind, "version": "v1", "metadata": {"name": name}, "spec": spec}


@cache
def _whole_cast() -> list[documents.Document]:
    roles = [role(name, **spec) for name, spec in _ROLES.items()]
    people = [person(name, **spec) for name, spec in _PEOPLE.items()]
    return documents.from_values(roles + people, source="the cast")
