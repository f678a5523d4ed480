"""Pure: an explanation in plain words (SEMANTICS 5.7)."""

from collections.abc import Sequence

from accessplane.lib.durations import in_words
from identity.role_spec import Part, Threshold
from policy.verdicts import CheckState
from requests_app.explaining import (
    Because,
    Conditions,
    Effect,
    Explanation,
    KnownCheck,
    Need,
    Outlook,
    Standing,
)

NAMES_SHOWN = 5

_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SAYS = {
    CheckState.PASSED: "would pass",
    CheckState.SKIPPED: "has nothing to say",
    CheckState.FAILED: "says no",
}
_DUPLICATE = "duplicate_request"


def summary_of(explanation: Explanation) -> str:
    """Why it is refused; else who would have to agree, and which checks would have to pass."""
    refusal, outlook = explanation.refusal, explanation.outlook
    if refusal is not None:
        return _refused(explanation, refusal.code, refusal.detail)
    if outlook is None:
        return ""
    denying = [check for check in outlook.checks if check.state == CheckState.FAILED]
    if denying:
        return " ".join(f"It would be denied: {_uncapped(check_sentence(c))}" for c in denying)
    needs = [need_sentence(need, outlook) for need in outlook.needs]
    return " ".join([*dict.fromkeys(needs), *_awaited(outlook.checks)])


def standing_sentence(standing: Standing, *, name: str = "") -> str:
    """Whether the role may be asked for, and why; `name` is whose question it is, if not yours."""
    who = name or "You"
    if standing.requestable:
        allowing = [b.role for b in standing.because if b.effect is Effect.ALLOWS]
        said = f"{who} may ask for {standing.name}: {_by_roles(allowing, 'allow')} it."
        return said if standing.exists else f"{said} But there is no role of this name."
    return f"{who} may not ask for {standing.name}: {_why_not(standing, name)}."


def because_sentence(because: Because) -> str:
    """What one place in a held role says."""
    role, where = because.role, _where(because)
    match because.effect:
        case Effect.DENIES:
            return f"The role {role} forbids it{where}."
        case Effect.ALLOWS:
            return f"The role {role} allows it{where}."
        case Effect.GUARDED:
            return (
                f"The role {role} says {because.pattern}, which hands out no preset: "
                "only the preset's own name does."
            )
        case Effect.ELEVATED:
            return (
                f"The role {role} would allow it{where}, but it is held for a while only: "
                "what somebody may ask for comes from roles that are held all the time."
            )


def need_sentence(need: Need, outlook: Outlook) -> str:
    """Who would have to agree: "Two of Alice, Ivan and Rosa must agree." """
    people = outlook.possible_reviewers
    names = [outlook.called.get(email, email) for email in people]
    options = [
        _threshold_words(outlook.judgement.thresholds[index], names) for index in need.indexes
    ]
    said = ", or ".join(dict.fromkeys(options))
    if len(outlook.needs) > 1:
        return f"For {listed(need.roles)}: {said}."
    return f"{_begun(said)}."


def condition_sentences(conditions: Conditions) -> list[str]:
    """The terms of asking, each in one sentence."""
    said = []
    if conditions.reason_required:
        said.append(f"A reason is required: {_by_roles(conditions.reason_required_by)} so.")
    said += [
        f"The role {role} looks for {pattern} in the reason."
        for role, pattern in conditions.reason_patterns
    ]
    if conditions.limit is not None:
        longest = in_words(conditions.limit)
        said.append(f"At most {longest}: {_by_roles(conditions.limit_set_by)} so.")
    return said


def check_sentence(check: KnownCheck) -> str:
    """What a check has come to, or that it is awaited."""
    if check.state == CheckState.PENDING:
        return f"The check {check.workflow} must pass."
    said = f"The check {check.workflow} {_SAYS[check.state]}"
    return _sentence(f"{said}: {check.reason}" if check.reason else said)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many names the first few."""
    shown = list(names)
    if len(shown) > NAMES_SHOWN:
        shown = [*shown[: NAMES_SHOWN - 1], f"{len(shown) - NAMES_SHOWN + 1} others"]
    if len(shown) < 2:  # noqa: PLR2004
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _refused(explanation: Explanation, code: str, detail: str) -> str:
    kept = [role for role in explanation.roles if not role.requestable]
    if code == "role_not_requestable" and kept:
        return standing_sentence(kept[0], name=explanation.name)
    if code == _DUPLICATE:
        return f"{explanation.name or 'You'} asked for exactly this already."
    return detail


def _why_not(standing: Standing, name: str) -> str:
    effects = {one.effect for one in standing.because}
    if Effect.DENIES in effects:
        denying = [one.role for one in standing.because if one.effect is Effect.DENIES]
        return f"{_by_roles(denying, 'forbid')} it"
    if Effect.GUARDED in effects:
        return "no pattern hands out a preset, only its own name does"
    if Effect.ELEVATED in effects:
        roles = [one.role for one in standing.because if one.effect is Effect.ELEVATED]
        return f"{_by_roles(roles, 'allow')} it, and what is held for a while does not count"
    if not standing.silent:
        return f"{name} holds no role" if name else "you hold no role"
    whose = f"{name}'s" if name else "your"
    return f"none of {whose} roles allows it ({listed(standing.silent)})"


def _where(because: Because) -> str:
    """How a pattern, or a claim mapping, comes to mean the name."""
    if because.claim:
        return (
            f", because the trait {because.claim} matches {because.value}: "
            f"that stands for {because.pattern}"
        )
    return f" by {because.pattern}" if "*" in because.pattern or "^" in because.pattern else ""


def _by_roles(names: Sequence[str], verb: str = "say") -> str:
    """`the role a says`, `the roles a and b say`."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        return f"the role {distinct[0]} {verb}s"
    return f"the roles {listed(distinct)} {verb}"


def _threshold_words(threshold: Threshold, names: Sequence[str]) -> str:
    if threshold.all_of is not None:
        return _parts_words(threshold.all_of, names)
    if not threshold.approve:
        return "nobody's approval is enough, it can only be turned down"
    said = _agreeing(threshold.approve, names)
    return (
        f"{said}, and only reviews that meet its condition count" if threshold.filter else said
    )


def _parts_words(parts: Sequence[Part], names: Sequence[str]) -> str:
    """What a threshold asks of different people."""
    counted = [part for part in parts if part.approve]
    total = sum(part.approve for part in counted)
    wanted = listed([f"{_number(part.approve)} {_for_part(part)}" for part in counted])
    different = ", each a different person" if total > 1 else ""
    return f"{_agreeing(total, names)}: {wanted}{different}"


def _for_part(part: Part) -> str:
    return f"for {part.name}" if part.name else "more"


def _agreeing(count: int, names: Sequence[str]) -> str:
    if not names:
        return f"{_number(count)} must agree, and nobody can now"
    if count > len(names):
        return f"{_number(count)} must agree, and only {listed(names)} can"
    if count == len(names):
        return f"{listed(names)} must agree"
    return f"{_number(count)} of {listed(names)} must agree"


def _awaited(checks: Sequence[KnownCheck]) -> list[str]:
    waiting = [check.workflow for check in checks if check.state == CheckState.PENDING]
    if not waiting:
        return []
    return [f"The check{'' if len(waiting) == 1 else 's'} {listed(waiting)} must pass."]


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _begun(text: str) -> str:
    """As a sentence begins; an address keeps its small letter."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first in {*_NUMBERS, "nobody's"} else text


def _uncapped(text: str) -> str:
    return text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
