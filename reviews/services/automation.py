"""Workflows that review by themselves: what one allows, its bot approves."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accessplane.lib.actors import Actor, ActorKind, Via
from accessplane.lib.errors import Conflict, NotFound, NotPermitted
from identity.models import User
from requests_app import lifecycle
from requests_app.models import Check
from reviews.services.reviewing import submit_review
from reviews.thresholds import Decision


def approve_for(*, check_id: UUID, at: datetime) -> None:
    """Submit the approval of the bot that the workflow of a passed check names, if it reviews.

    It counts as any review of that user would, and is refused where any would be; why its bot
    may not review is kept on the check. Doing it twice changes nothing.
    """
    check = Check.objects.select_related("bot").get(pk=check_id)
    if check.bot is None or not check.frozen_spec().review:
        return
    try:
        _approve(check, check.bot, at=at)
    except Conflict:
        pass  # reviewed before, or resolved meanwhile
    except (NotFound, NotPermitted):
        _note(check, f"{check.bot.email} may not review this request.")


def _approve(check: Check, bot: User, *, at: datetime) -> None:
    if not bot.is_bot:
        raise NotPermitted("Nothing is reviewed in the name of a person.")
    submit_review(
        request_id=check.request_id,
        reviewer=bot,
        decision=Decision.APPROVE,
        reason=check.reason or f"The workflow {check.name} allows it.",
        annotations=check.annotations,
        by=Actor(kind=ActorKind.BOT, name=bot.email, via=Via.SYSTEM, id=bot.pk),
        at=at,
    )


def _note(check: Check, problem: str) -> None:
    with transaction.atomic():
        lifecycle.lock(check.request_id)
        lifecycle.note(check, problem)
