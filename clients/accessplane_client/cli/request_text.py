"""An access request in words."""

from collections.abc import Iterable, Iterator, Sequence

from accessplane_client.cli.safe_text import clean_line
from accessplane_client.cli.tables import block, table
from accessplane_client.cli.wording import (
    duration_text,
    listed,
    number,
    sentence,
    time_text,
)
from accessplane_client.documents import (
    APPROVE,
    DENY,
    AccessRequest,
    Check,
    Grant,
    Plan,
    Review,
    Reviewed,
    Threshold,
)

HEADINGS = ("ID", "User", "Roles", "Created (UTC)", "Status")
DONE = {APPROVE: "approved", DENY: "denied"}


def request_table(requests: Iterable[AccessRequest]) -> str:
    return table(
        HEADINGS,
        [
            (
                each.id,
                each.requester,
                ",".join(each.roles),
                time_text(each.created_at),
                each.state,
            )
            for each in requests
        ],
    )


def short_text(request: AccessRequest) -> str:
    """What somebody who waits wants to know."""
    return block([*_heading(request), *_outlook(request)])


def full_text(request: AccessRequest) -> str:
    asked_by = request.author if request.author != request.requester else ""
    return block(
        [
            *_heading(request),
            ("User", request.requester),
            ("Asked by", asked_by),
            ("Reason", request.reason),
            ("Created", time_text(request.created_at)),
            ("Starts", time_text(request.start_time)),
            ("Extends", request.extends or ""),
            *_outlook(request),
            ("Suggested", ", ".join(request.suggested_reviewers)),
            ("Needs", "\n".join(map(_threshold_text, request.thresholds))),
            ("Reviews", "\n".join(map(_review_text, request.reviews))),
            ("Checks", "\n".join(map(check_text, request.checks))),
            ("Resolved", time_text(request.resolved_at)),
            ("Decision", decision_text(request) if not request.is_pending else ""),
            ("Grants", "\n".join(map(_grant_text, request.grants))),
            ("Page", request.url),
        ]
    )


def plan_text(plan: Plan) -> str:
    return block(
        [
            ("Roles", ", ".join(plan.roles)),
            ("Duration", _lasting(plan.duration_seconds, plan.requested_duration_seconds)),
            ("Would wait", duration_text(plan.pending_ttl_seconds)),
            ("Needs", "\n".join(map(_threshold_text, plan.thresholds))),
            ("Checks", "\n".join(map(check_text, plan.checks))),
            ("Can decide", ", ".join(plan.possible_reviewers) or "nobody"),
            ("Suggested", ", ".join(plan.suggested_reviewers)),
            ("Would be told", ", ".join(plan.recipients)),
            ("Reason", "required" if plan.reason_required else ""),
            ("Asked about", "\n".join(plan.prompts)),
        ]
    )


def _heading(request: AccessRequest) -> Iterator[tuple[str, str]]:
    yield "ID", request.id
    yield "State", request.state
    yield "Roles", ", ".join(request.roles)


def _outlook(request: AccessRequest) -> Iterator[tuple[str, str]]:
    yield "Duration", _lasting(request.duration_seconds, request.requested_duration_seconds)
    if request.is_pending:
        yield "Waits until", time_text(request.pending_expires_at)
        yield "Can decide", ", ".join(request.possible_reviewers) or "nobody"


def _lasting(given: int, asked: int | None) -> str:
    if is_shortened(given, asked):
        return f"{duration_text(given)} (asked for: {duration_text(asked or 0)})"
    return duration_text(given)


def is_shortened(given: int, asked: int | None) -> bool:
    return asked is not None and asked > given


def shortened_text(given: int, asked: int | None, roles: Sequence[str]) -> str:
    """Empty if the whole of what was asked is given."""
    if asked is None or not is_shortened(given, asked):
        return ""
    return (
        f"You asked for {duration_text(asked)}; "
        f"{listed(roles)} can be had for at most {duration_text(given)}."
    )


def waiting_text(request: AccessRequest) -> str:
    """What the request waits for: `two of alice@example.com and ivan@example.com must approve`."""
    checks = [check.workflow for check in request.checks if check.state == "PENDING"]
    people = _people_text(request)
    if checks and not people:
        return f"Waiting only for {_checks_text(checks)}: the approvals are there"
    missing = [each for each in (people, _checks_text(checks)) if each]
    return f"Waiting for a decision: {'; '.join(missing) or 'it is being made'}"


def _people_text(request: AccessRequest) -> str:
    done = {review.reviewer for review in request.reviews if review.decision in DONE}
    people = [each for each in request.possible_reviewers if each not in done]
    if all(map(_is_reached, request.thresholds)):
        return ""
    if len(request.thresholds) == 1 and not request.thresholds[0].all_of:
        return _missing_text(request.thresholds[0], people)
    needed = ", ".join(map(_threshold_text, request.thresholds))
    return f"{needed}; from {listed(people, 'or') or 'nobody: ask an administrator'}"


def _is_reached(threshold: Threshold) -> bool:
    """A threshold with parts is left to the plane: one person counts for one part only."""
    return not threshold.all_of and 0 < threshold.approve <= threshold.approvals


def _missing_text(threshold: Threshold, people: Sequence[str]) -> str:
    needed = threshold.approve - threshold.approvals
    if needed <= 0:
        return ""
    if needed > len(people):
        able = f"only {listed(people)} can" if people else "nobody can"
        return f"{number(needed)} must approve, and {able}"
    if needed == 1:
        return f"{listed(people, 'or')} must approve"
    return f"{number(needed)} of {listed(people)} must approve"


def _checks_text(workflows: Sequence[str]) -> str:
    if not workflows:
        return ""
    return f"the {'check' if len(workflows) == 1 else 'checks'} {listed(workflows)}"


def _threshold_text(threshold: Threshold) -> str:
    name = threshold.name or "default"
    if threshold.all_of:
        parts = (f"{part.name} {part.approvals} of {part.approve}" for part in threshold.all_of)
        return f"{name} ({', '.join(parts)})"
    if not threshold.approve:
        return f"{name} (can only deny)"
    return f"{name} ({threshold.approvals} of {threshold.approve} to approve)"


def review_sentence(review: Review) -> str:
    done = DONE.get(review.decision, "remarked")
    reason = f": {clean_line(review.reason)}" if review.reason else ""
    return sentence(f"{review.reviewer} {done}{reason}")


def decision_text(request: AccessRequest) -> str:
    """How it ended: by whom, why, and what is held now."""
    reason = f": {clean_line(request.resolve_reason)}" if request.resolve_reason else ""
    ending = {
        "APPROVED": sentence(f"Approved{_by(request, APPROVE)}{reason}"),
        "DENIED": sentence(f"Denied{_by(request, DENY)}{reason}"),
        "CANCELLED": sentence(f"Cancelled{reason}"),
        "EXPIRED": f"Not decided in time: it waited until {time_text(request.pending_expires_at)}.",
    }
    said = ending.get(request.state, sentence(f"Not decided yet: {request.state}"))
    return " ".join([said, *map(_holding, request.grants)])


def _by(request: AccessRequest, decision: str) -> str:
    if request.forced:
        return " without the usual reviews"
    people = [review.reviewer for review in request.reviews if review.decision == decision]
    failed = [check.workflow for check in request.checks if check.state == "FAILED"]
    if decision == DENY and failed and not people:
        return f" by the check {listed(failed)}"
    return f" by {listed(people)}" if people else ""


def _holding(grant: Grant) -> str:
    begins = f" from {time_text(grant.starts_at)}" if grant.state == "SCHEDULED" else ""
    if grant.state not in {"ACTIVE", "SCHEDULED"}:
        return f"{grant.role} is {grant.state.lower()} already."
    return f"{grant.role} is held{begins} until {time_text(grant.ends_at)}."


def _review_text(review: Review) -> str:
    door = f" ({review.via})" if review.via else ""
    reason = f": {clean_line(review.reason)}" if review.reason else ""
    return f"{review.reviewer} {review.decision} {time_text(review.created_at)}{door}{reason}"


def check_text(check: Check) -> str:
    said = clean_line("; ".join(each for each in (check.reason, check.problem) if each))
    again = f" (next try {time_text(check.next_try_at)})" if check.next_try_at else ""
    return f"{check.workflow} {check.state}{f': {said}' if said else ''}{again}"


def _grant_text(grant: Grant) -> str:
    span = f"{time_text(grant.starts_at)} to {time_text(grant.ends_at)}"
    return f"{grant.id} {grant.role} {grant.state} {span}"


def reviewed_text(reviewed: Reviewed) -> str:
    request = reviewed.request
    whose = f"{request.requester}'s request for {listed(request.roles)}"
    done = f"You {DONE.get(reviewed.review.decision, 'remarked on')} {whose}."
    return f"{done} {sentence(waiting_text(request)) if request.is_pending else decision_text(request)}"
