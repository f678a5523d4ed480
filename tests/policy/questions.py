"""Questions to workflows, without a plane around them."""

from datetime import timedelta
from uuid import UUID

from identity.conditions import RequestFacts
from policy.engines.base import Question
from policy.facts import Facts
from policy.workflow_spec import parse_workflow
from tests.cast import NOON

REQUEST_ID = UUID("0199aaaa-0000-7000-8000-000000000001")
CHECK_ID = "0199bbbb-0000-7000-8000-000000000002"


def facts(*, reason: str = "T-1", **changes) -> Facts:
    """Bob, of payments, asks for dba at noon."""
    request = RequestFacts(
        roles=("dba",),
        reason=reason,
        annotations={"pagerduty": ["payments"]},
        user="bob@example.com",
        created_at=NOON,
    )
    known = {
        "request_id": REQUEST_ID,
        "request": request,
        "duration": timedelta(hours=8),
        "start_time": None,
        "extends": None,
        "requester_roles": ("developer",),
        "requester_traits": {"team": ["payments"]},
    }
    return Facts(**known | changes)


def question(*, secrets=(), reason: str = "T-1", **spec) -> Question:
    """The question whether a workflow of this spec allows bob's request."""
    return Question(
        key=CHECK_ID,
        workflow="ticket",
        spec=parse_workflow(spec),
        secrets=list(secrets),
        facts=facts(reason=reason),
    )
