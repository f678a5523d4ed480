"""Pure: a workflow's document in plain words."""

from accessplane.lib.durations import in_words
from policy.schedules import Window
from policy.workflow_spec import WorkflowSpec

_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_WHOLE_DAY = ("00:00", "24:00")
_WITHOUT = {
    "hold": "the request waits, the workflow is asked again, and people are told",
    "deny": "the request is denied",
    "abstain": "it counts as having nothing to say",
}


def applies_to(spec: WorkflowSpec) -> str:
    """Which requests it judges, its condition and its times aside."""
    if any(pattern.text == "*" for pattern in spec.roles):
        return "Every request"
    patterns = [pattern.text for pattern in spec.roles]
    return f"Requests for {_either(patterns)}"


def times_of(spec: WorkflowSpec) -> list[str]:
    """The times of the week in which it judges; none for all of them."""
    return [_window(window) for window in spec.during]


def asking(spec: WorkflowSpec) -> str:
    """How it comes to a verdict; never with a secret."""
    match spec.engine:
        case "expression":
            return "A condition is judged at once, when somebody asks."
        case "python":
            return f"The function {spec.callable} is called where the plane runs."
        case "webhook":
            later = f" {spec.bot} may report the verdict later." if spec.bot else ""
            return f"What is asked for is sent to {spec.url}, signed.{later}"
        case "bot":
            return f"{spec.bot} reads what is asked for and reports the verdict."
        case "on_call":
            return f"Whether the requester is on call {_for_what(spec)} is asked through {spec.channel}."


def patience(spec: WorkflowSpec) -> str:
    """How long an answer may take, and what becomes of the request without one."""
    if spec.engine == "expression":
        return "There is always an answer."
    length, then = in_words(spec.timeout), _WITHOUT[spec.fallback]
    if spec.engine == "bot" and spec.fallback == "hold":
        then = "the request waits for it, and people are told"
    return f"An answer may take {length}. Without one, {then}."


def reviewing(spec: WorkflowSpec) -> str:
    """In whose name it reviews; empty if it only checks."""
    return f"What it allows, {spec.bot} approves as a reviewer." if spec.review else ""


def _for_what(spec: WorkflowSpec) -> str:
    if spec.schedules_from:
        return f"by a schedule that the annotation {spec.schedules_from} of the request names"
    return f"for {_either([*spec.schedules, *spec.escalation_policies])}"


def _window(window: Window) -> str:
    days = "Every day" if len(set(window.days)) == len(_DAYS) else _listed(window)
    if (window.from_, window.to) == _WHOLE_DAY:
        return f"{days}, {window.timezone}"
    return f"{days} from {window.from_} to {window.to}, {window.timezone}"


def _listed(window: Window) -> str:
    on = [day in window.days for day in _DAYS]
    names = [name for day, name in _DAYS.items() if day in window.days]
    first = on.index(True)
    in_a_row = on[first : first + len(names)] == [True] * len(names)
    if in_a_row and len(names) > 2:  # noqa: PLR2004
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
