"""What a request would come to, as the form says it while somebody fills it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.models import User
from identity.subject import Subject
from policy.verdicts import CheckState
from requests_app import past, planning, selectors, sentences, windows
from requests_app.explaining import Explanation, KnownCheck
from requests_app.models import Grant
from requests_app.planning import Wish
from requests_app.services import asking, explaining

PICKS = 12
# With more people than these, only addresses are searched.
_NAMED = 200
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_REASON = frozenset({"reason_required", "reason_pattern"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When access would begin and end if everybody agreed at this moment."""

    starts_at: datetime | None
    ends_at: datetime
    is_shortened: bool
    # An extension that would add nothing.
    adds_nothing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Somebody who may be asked first."""

    email: str
    name: str
    is_picked: bool
    is_suggested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What the request would come to; `earlier` is the same one, asked before."""

    explanation: Explanation
    deciding: Sequence[str]
    denying: Sequence[str]
    awaited: Sequence[str]
    usually: timedelta | None
    times: Times | None
    earlier: UUID | None

    @property
    def limit(self) -> timedelta | None:
        """The longest that these roles may be held."""
        outlook = self.explanation.outlook
        return outlook.conditions.limit if outlook else None

    @property
    def prompts(self) -> Sequence[str]:
        """What the roles ask of the reason."""
        outlook = self.explanation.outlook
        return outlook.conditions.prompts if outlook else ()

    @property
    def needs_reason(self) -> bool:
        """Whether nothing can be asked without one."""
        outlook = self.explanation.outlook
        return outlook is not None and outlook.conditions.reason_required

    @property
    def people(self) -> Sequence[str]:
        """Who may decide."""
        outlook = self.explanation.outlook
        return outlook.possible_reviewers if outlook else ()

    def refusal_of(self, wish: Wish) -> tuple[str, str] | None:
        """The code and the sentence to be said at the form; a reason that is still to be written
        is no mistake, and what was asked before is led to."""
        refusal = self.explanation.refusal
        if refusal is None or refusal.code == asking.DuplicateRequest.code:
            return None
        if refusal.code == planning.ReasonRequired.code and not wish.reason:
            return None
        return refusal.code, refusal.detail


def foresee(
    wish: Wish, user: User, *, extended: Grant | None, at: datetime
) -> Foresight | None:
    """What making this request would come to; None as long as no role is named."""
    if not wish.roles:
        return None
    explanation = explaining.explain_request(
        wish=wish, about=None, caller=user, extends=extended.pk if extended else None, at=at
    )
    outlook, refusal = explanation.outlook, explanation.refusal
    names = [role.name for role in explanation.roles]
    checks = outlook.checks if outlook else ()
    needs = [sentences.need_sentence(n, outlook) for n in outlook.needs] if outlook else []
    asked_before = refusal is not None and refusal.code == asking.DuplicateRequest.code
    return Foresight(
        explanation=explanation,
        deciding=list(dict.fromkeys(needs)),
        denying=_said(checks, CheckState.FAILED),
        awaited=_said(checks, CheckState.PENDING),
        usually=_rounded(past.usual_wait(names, at=at)) if outlook else None,
        times=_times(wish, explanation, extended, at=at),
        earlier=selectors.asked_before(user, names, extended, at) if asked_before else None,
    )


def picks(
    foresight: Foresight | None, subject: Subject, picked: Sequence[str], who: str
) -> list[Pick]:
    """The people to pick from: those picked already, those suggested, and those `who` finds."""
    people = foresight.people if foresight else ()
    suggested = planning.default_suggestions(subject)
    wanted = who.casefold().strip()
    known = explaining.names_of(people[:_NAMED]) if people and wanted else {}
    fitting = [e for e in people if wanted in e or wanted in known.get(e, "").casefold()]
    first = [email for email in suggested if email in fitting]
    chosen = [email for email in dict.fromkeys(picked) if email]
    emails = list(dict.fromkeys([*chosen, *first, *fitting]))[: PICKS + len(chosen)]
    called = explaining.names_of(emails)
    return [
        Pick(
            email=email,
            name=called.get(email, email),
            is_picked=email in chosen,
            is_suggested=email in suggested,
        )
        for email in emails
    ]


def _said(checks: Sequence[KnownCheck], state: CheckState) -> list[str]:
    return [sentences.check_sentence(check) for check in checks if check.state == state]


def _times(
    wish: Wish, explanation: Explanation, extended: Grant | None, *, at: datetime
) -> Times | None:
    outlook, refusal = explanation.outlook, explanation.refusal
    if outlook is None or (refusal is not None and refusal.code not in _REASON):
        return None
    limit = outlook.conditions.limit
    length = windows.granted_duration(wish.duration, limit)
    is_shortened = wish.duration is not None and wish.duration > length
    if extended is not None:
        ends_at = windows.extended_end(
            starts_at=extended.starts_at,
            ends_at=extended.ends_at,
            duration=length,
            limit=limit,
        )
        return Times(
            starts_at=None,
            ends_at=ends_at,
            is_shortened=is_shortened or ends_at < extended.ends_at + length,
            adds_nothing=ends_at <= extended.ends_at,
        )
    starts_at, ends_at = windows.span(approved_at=at, start=wish.start_time, duration=length)
    return Times(
        starts_at=starts_at if starts_at > at else None,
        ends_at=ends_at,
        is_shortened=is_shortened,
        adds_nothing=False,
    )


def _rounded(length: timedelta | None) -> timedelta | None:
    """Up to a whole minute, hour or day, so that nothing is promised that was not."""
    if length is None:
        return None
    unit = _MINUTE if length <= 2 * _HOUR else _HOUR if length <= 2 * _DAY else _DAY
    return max(1, -(-length // unit)) * unit
