"""Pure: a workflow's document in plain words."""

from accessplane.lib.durations import in_words
from accessplane.lib.words import either, gettext
from accessplane.lib.words import gettext_lazy as _
from policy.schedules import Window
from policy.workflow_spec import WorkflowSpec

_DAYS = {
    "mon": _("Monday"), "tue": _("Tuesday"), "wed": _("Wednesday"), "thu": _("Thursday"),
    "fri": _("Friday"), "sat": _("Saturday"), "sun": _("Sunday"),
}  # fmt: skip
_WHOLE_DAY = ("00:00", "24:00")
_WITHOUT = {
    "hold": _(
        "Without one, the request waits, the workflow is asked again, and people are told."
    ),
    "deny": _("Without one, the request is denied."),
    "abstain": _("Without one, it counts as having nothing to say."),
}


def applies_to(spec: WorkflowSpec) -> str:
    """Which requests it judges, its condition and its times aside."""
    if any(pattern.text == "*" for pattern in spec.roles):
        return gettext("Every request")
    patterns = [pattern.text for pattern in spec.roles]
    return gettext("Requests for %(roles)s") % {"roles": either(patterns)}


def times_of(spec: WorkflowSpec) -> list[str]:
    """The times of the week in which it judges; none for all of them."""
    return [_window(window) for window in spec.during]


def asking(spec: WorkflowSpec) -> str:
    """How it comes to a verdict; never with a secret."""
    match spec.engine:
        case "expression":
            return gettext("A condition is judged at once, when somebody asks.")
        case "python":
            said = gettext("The function %(name)s is called where the plane runs.")
            return said % {"name": spec.callable}
        case "webhook":
            return _sending(spec)
        case "bot":
            said = gettext("%(bot)s reads what is asked for and reports the verdict.")
            return said % {"bot": spec.bot}
        case "on_call":
            return _asking_the_rota(spec)


def patience(spec: WorkflowSpec) -> str:
    """How long an answer may take, and what becomes of the request without one."""
    if spec.engine == "expression":
        return gettext("There is always an answer.")
    length, then = in_words(spec.timeout), _WITHOUT[spec.fallback]
    if spec.engine == "bot" and spec.fallback == "hold":
        then = _("Without one, the request waits for it, and people are told.")
    return gettext("An answer may take %(length)s.") % {"length": length} + f" {then}"


def reviewing(spec: WorkflowSpec) -> str:
    """In whose name it reviews; empty if it only checks."""
    if not spec.review:
        return ""
    return gettext("What it allows, %(bot)s approves as a reviewer.") % {"bot": spec.bot}


def _sending(spec: WorkflowSpec) -> str:
    said = gettext("What is asked for is sent to %(url)s, signed.") % {"url": spec.url}
    if not spec.bot:
        return said
    later = gettext("%(bot)s may report the verdict later.") % {"bot": spec.bot}
    return f"{said} {later}"


def _asking_the_rota(spec: WorkflowSpec) -> str:
    if spec.schedules_from:
        said = gettext(
            "Whether the requester is on call by a schedule that the annotation %(annotation)s "
            "of the request names is asked through %(channel)s."
        )
        return said % {"annotation": spec.schedules_from, "channel": spec.channel}
    duties = either([*spec.schedules, *spec.escalation_policies])
    said = gettext(
        "Whether the requester is on call for %(duties)s is asked through %(channel)s."
    )
    return said % {"duties": duties, "channel": spec.channel}


def _window(window: Window) -> str:
    days = gettext("Every day") if len(set(window.days)) == len(_DAYS) else _listed(window)
    if (window.from_, window.to) == _WHOLE_DAY:
        return f"{days}, {window.timezone}"
    said = gettext("%(days)s from %(begin)s to %(end)s, %(zone)s")
    return said % {
        "days": days,
        "begin": window.from_,
        "end": window.to,
        "zone": window.timezone,
    }


def _listed(window: Window) -> str:
    on = [day in window.days for day in _DAYS]
    names = [str(name) for day, name in _DAYS.items() if day in window.days]
    first = on.index(True)
    in_a_row = on[first : first + len(names)] == [True] * len(names)
    if in_a_row and len(names) > 2:  # noqa: PLR2004
        return gettext("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return ", ".join(names)
