"""Making a request, or showing what it would be: for `ap request create` and `ap grant extend`."""

from collections.abc import Sequence

from accessplane_client.calls import RequestDetails
from accessplane_client.cli.options import seconds
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.request_text import plan_text, shortened_text
from accessplane_client.cli.waiting import follow_up
from accessplane_client.client import Plane


def ask(
    plane: Plane,
    roles: Sequence[str],
    details: RequestDetails,
    *,
    form: Format,
    timeout: str | None,
    nowait: bool,
    dry_run: bool,
) -> None:
    patience = seconds(timeout) if timeout else None
    if dry_run:
        _show_plan(plane, roles, details, form)
    else:
        request = plane.create_request(roles, **details)
        follow_up(plane, request, form, timeout=patience, nowait=nowait)


def _show_plan(
    plane: Plane, roles: Sequence[str], details: RequestDetails, form: Format
) -> None:
    plan = plane.plan_request(roles, **details)
    if cut := shortened_text(
        plan.duration_seconds, plan.requested_duration_seconds, plan.roles
    ):
        note(cut)
    emit(form, plan.document, lambda: plan_text(plan))
    note("Nothing was asked: this was a dry run.")
