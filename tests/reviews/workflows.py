"""Workflows of the cast, and the workers that ask them."""

from collections.abc import Callable
from datetime import datetime

from accessplane.lib.actors import Via
from identity.models import User
from policy.verdicts import Effect, Verdict
from requests_app.models import AccessRequest, Check
from reviews.services import checking
from tests import cast
from tests.cast import NOON, actor_of

SECRET = "a secret of the webhook"


def workflow(name: str = "ticket", **spec) -> None:
    """Apply a workflow; it is for everything unless it says otherwise."""
    document = {
        "kind": "workflow",
        "version": "v1",
        "metadata": {"name": name},
        "spec": spec,
    }
    cast.apply(document)


def webhook(url: str, name: str = "ticket", **spec) -> None:
    workflow(name, engine="webhook", url=url, **{"secret": SECRET, **spec})


def bot(name: str, *roles: str, owner: str = "mallory", **spec) -> User:
    """A bot of this name, with these roles."""
    more = {"roles": list(roles), "bot": True, "owner": f"{owner}@example.com"}
    cast.apply(cast.person(name, **more | spec))
    return cast.called(name)


def work(at: datetime) -> int:
    """What the workers do when the beat wakes them at this moment: how many checks they took."""
    return work_by(lambda: at)


def work_by(clock: Callable[[], datetime]) -> int:
    """The same, by a clock that may move while they ask."""
    due = checking.due_checks(at=clock())
    for check_id in due:
        checking.ask(check_id=check_id, clock=clock)
    return len(due)


def check_of(request: AccessRequest, name: str = "ticket") -> Check:
    return Check.objects.get(request=request, name=name)


def report(
    request: AccessRequest,
    who: User,
    verdict: str,
    *,
    workflow: str = "ticket",
    reason: str = "",
    at: datetime = NOON,
) -> AccessRequest:
    """The bot `who` says its verdict."""
    return checking.report_verdict(
        request_id=request.pk,
        workflow=workflow,
        bot=who,
        verdict=Verdict(Effect(verdict), reason),
        by=actor_of(who, Via.API),
        at=at,
    )
