"""Workflows of the cast, and the workers that ask them."""

import json
from collections.abc import Callable
from datetime import datetime

from werkzeug import Response

from accessplane.lib.actors import Via
from audit.models import AuditEvent
from identity.models import User
from policy.verdicts import Effect, Verdict
from requests_app.models import AccessRequest, Check
from reviews.services import checking
from tests import cast
from tests.cast import NOON, actor_of

SECRET = "a secret of the webhook"


def workflow(name: str = "ticket", **spec) -> None:
    """Apply a workflow; it is for everything unless it says otherwise."""
    cast.apply(cast.document("workflow", name, spec))


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


def events_of(kind: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(type=f"access_request.{kind}").order_by("pk"))


class Policy:
    """A webhook's other side; it answers in turn, the last answer again and again."""

    def __init__(self, httpserver) -> None:
        self.url = httpserver.url_for("/check")
        self.heard: list[dict] = []
        self.ids: list[str] = []
        self.answers: list = []
        httpserver.expect_request("/check").respond_with_handler(self._answer)

    def says(self, *answers) -> None:
        self.answers = list(answers)

    def _answer(self, request) -> Response:
        self.heard.append(json.loads(request.data))
        self.ids.append(request.headers["webhook-id"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, int):
            return Response(status=answer)
        return Response(json.dumps(answer), content_type="application/json")
