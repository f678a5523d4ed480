"""PagerDuty as somebody who knows who is on call, and the workflows that ask there."""

from datetime import datetime, timedelta
from typing import Any

from requests_app.models import AccessRequest, Check
from tests import cast
from tests.chatops.fakes.pagerduty import Pager
from tests.chatops.pagerduty_door import pagerduty_channel
from tests.reviews import workflows

PRIMARY, POLICY = "Payments primary", "Payments"
TWO_OR_ON_CALL = {
    "roles": ["dba"],
    "thresholds": [
        {"name": "two people", "approve": 2, "deny": 1},
        {"name": "on call", "filter": 'contains(reviewer.roles, "on-call")', "approve": 1},
    ],
}


class Rota:
    """One schedule of one escalation policy; Bob, Carol and others have accounts."""

    def __init__(self, pager: Pager, now: Any) -> None:
        pager.now = now
        self.pager = pager
        self.accounts = {name: pager.hire(name) for name in ("alice", "bob", "carol")}
        self.schedule = pager.plan(PRIMARY)
        self.policy = pager.escalate(POLICY)

    def takes_over(self, name: str, *, hours: float | None = 6, **more: Any) -> datetime | None:
        """Somebody is on call from now on, by the schedule; until when."""
        start = self.pager.now()
        end = start + timedelta(hours=hours) if hours else None
        more = {"schedule": self.schedule, "start": start, "end": end} | more
        self.pager.takes_over(self.accounts[name], self.policy, **more)
        return end


def stage(pager: Pager, now: Any) -> Rota:
    """Who is on call needs one bot instead of two people; what follows must still be applied."""
    rota = Rota(pager, now)
    cast.apply(
        pagerduty_channel(pager),
        cast.role("developer", allow={"request": TWO_OR_ON_CALL}),
        cast.role("on-call", allow={"review_requests": {"roles": ["dba", "staging-*"]}}),
        cast.person("carol", roles=["developer"]),
    )
    workflows.bot("robo", "on-call")
    return rota


def lets_in(**spec: Any) -> None:
    """A workflow that reviews: who is on call need not wait."""
    asks(**{"review": True, "bot": "robo@example.com", "roles": ["*"]} | spec)


def asks(**spec: Any) -> None:
    """A workflow of the engine; for the schedule unless it says otherwise."""
    if not {"schedules", "escalation_policies", "schedules_from"} & spec.keys():
        spec["schedules"] = [PRIMARY]
    workflows.workflow("rota", engine="on_call", **{"channel": "pagerduty"} | spec)


def check_of(request: AccessRequest) -> Check:
    return workflows.check_of(request, "rota")
