"""How far the work behind the scenes is behind: what waits, since when, and when the jobs ran."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from audit.models import Delivery, OutboxEntry
from chatops.models import ChannelConfig, Posting
from chatops.states import PostingState
from identity.subject import Subject
from requests_app.models import AccessRequest, Check, Grant
from requests_app.states import RequestState

# Jobs run every two seconds: what waits a minute is not on its way.
PATIENCE = timedelta(minutes=1)
# The scheduler writes down when it ran a job every three minutes.
NOTED_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """So many things of one sort, the oldest since then; `is_late` if somebody should look."""

    name: str
    count: int
    since: datetime | None
    explanation: str
    is_late: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic task, and when it last ran as far as the scheduler has written it down."""

    name: str
    every: str
    last_run_at: datetime | None
    is_enabled: bool
    is_late: bool


def backlogs_for(subject: Subject, *, at: datetime) -> list[Backlog]:
    """What waits, of the kinds that the subject may read."""
    found: list[Backlog] = []
    if subject.may("read", "event"):
        found += _of_the_log(at)
    if subject.may("read", "channel"):
        found += _of_channels(at)
    if subject.may("read", "access_request"):
        found += _of_requests(at)
    if subject.may("read", "grant"):
        found += _of_grants(at)
    return found


def jobs(*, at: datetime) -> list[Job]:
    """The periodic tasks, by name."""
    tasks = PeriodicTask.objects.select_related("interval", "crontab", "solar", "clocked")
    return [_job(task, at) for task in tasks.order_by("name")]


def _of_the_log(at: datetime) -> Iterator[Backlog]:
    yield _waiting(
        _("Events without a place in the log"),
        OutboxEntry.objects.all(),
        "event__at",
        at,
        _(
            "The relay gives committed events their place, and wakes whoever subscribed to them."
        ),
    )
    yield _waiting(
        _("Deliveries due"),
        Delivery.objects.filter(state=Delivery.State.DUE, next_at__lte=at),
        "next_at",
        at,
        _("Events on their way to a part of the plane, such as the one that sends messages."),
    )
    dead = _counted(Delivery.objects.filter(state=Delivery.State.DEAD), "entry__event__at")
    yield Backlog(
        name=_("Deliveries given up"),
        **dead,
        explanation=_(
            "A part of the plane failed on these events every time; its log says why."
        ),
        is_late=bool(dead["count"]),
    )


def _of_channels(at: datetime) -> Iterator[Backlog]:
    postings = reverse("admin:chatops_posting_changelist")
    yield _waiting(
        _("Messages due"),
        Posting.objects.filter(state=PostingState.DUE, next_at__lte=at),
        "next_at",
        at,
        _(
            "Messages whose time has come. A channel that is slow or full keeps its own waiting."
        ),
        link=f"{postings}?state=DUE",
    )
    failed = _counted(Posting.objects.filter(state=PostingState.FAILED), "settled_at")
    yield Backlog(
        name=_("Messages that failed"),
        **failed,
        explanation=_("Nobody tries these any longer. They can be sent again."),
        is_late=bool(failed["count"]),
        link=f"{postings}?state=FAILED",
    )
    broken = _counted(
        ChannelConfig.objects.filter(is_active=True).exclude(problem=""), "problem_at"
    )
    yield Backlog(
        name=_("Channels with a problem"),
        **broken,
        explanation=_("Something could not arrive, and nothing has since."),
        is_late=bool(broken["count"]),
        link=reverse("admin:chatops_channelconfig_changelist"),
    )


def _of_requests(at: datetime) -> Iterator[Backlog]:
    pending = AccessRequest.objects.in_state(RequestState.PENDING, at)
    yield Backlog(
        name=_("Requests that wait"),
        **_counted(pending, "created_at"),
        explanation=_("Pending, by the clock: for people, for checks, or for both."),
        is_late=False,
        link=reverse("admin:requests_app_accessrequest_changelist") + "?state=PENDING",
    )
    yield _waiting(
        _("Checks to be asked"),
        Check.objects.due(at),
        "next_at",
        at,
        _("Workflows whose verdict is awaited and whose next try is due."),
    )


def _of_grants(at: datetime) -> Iterator[Backlog]:
    yield _waiting(
        _("Starts nobody has noted"),
        Grant.objects.due_to_start(at),
        "starts_at",
        at,
        _("Access begins by the clock all the same; people are told when a job has noted it."),
    )
    yield _waiting(
        _("Ends nobody has noted"),
        Grant.objects.run_out(at),
        "ends_at",
        at,
        _("Access ends by the clock all the same; people are told when a job has noted it."),
    )


def _waiting(
    name: str,
    rows: "QuerySet[Any]",
    since: str,
    at: datetime,
    explanation: str,
    *,
    link: str = "",
) -> Backlog:
    """Work that jobs take up within seconds."""
    found = _counted(rows, since)
    late = found["since"] is not None and at - found["since"] > PATIENCE
    return Backlog(name=name, **found, explanation=explanation, is_late=late, link=link)


def _counted(rows: "QuerySet[Any]", since: str) -> dict[str, Any]:
    return rows.aggregate(count=Count("pk"), since=Min(since))


def _job(task: PeriodicTask, at: datetime) -> Job:
    schedule = task.interval or task.crontab or task.solar or task.clocked
    last = task.last_run_at
    return Job(
        name=task.name,
        every=str(schedule),
        last_run_at=last,
        is_enabled=task.enabled,
        is_late=bool(
            task.enabled
            and task.interval
            and last
            and at - last > task.schedule.run_every + NOTED_LATE
        ),
    )
