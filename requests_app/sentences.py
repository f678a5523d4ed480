"""Pure: an explanation in plain words (SEMANTICS 5.7)."""

from collections.abc import Sequence

from accessplane.lib import words
from accessplane.lib.durations import in_words
from accessplane.lib.words import gettext, ngettext
from accessplane.lib.words import gettext_lazy as _
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

_NUMBERS = [
    _("no"), _("one"), _("two"), _("three"), _("four"), _("five"),
    _("six"), _("seven"), _("eight"), _("nine"), _("ten"),
]  # fmt: skip
_SAYS = {
    CheckState.PASSED: _("The check %(name)s would pass"),
    CheckState.SKIPPED: _("The check %(name)s has nothing to say"),
    CheckState.FAILED: _("The check %(name)s says no"),
}
_DENIED = _("It would be denied: %(why)s")
_ONLY_DENIED = _("nobody's approval is enough, it can only be turned down")
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
        return " ".join(
            str(_DENIED) % {"why": _uncapped(check_sentence(check))} for check in denying
        )
    needs = [need_sentence(need, outlook) for need in outlook.needs]
    return " ".join([*dict.fromkeys(needs), *_awaited(outlook.checks)])


def standing_sentence(standing: Standing, *, name: str = "") -> str:
    """Whether the role may be asked for, and why; `name` is whose question it is, if not yours."""
    named = {"who": name, "role": standing.name}
    if not standing.requestable:
        named["why"] = _why_not(standing, name)
        if name:
            return gettext("%(who)s may not ask for %(role)s: %(why)s.") % named
        return gettext("You may not ask for %(role)s: %(why)s.") % named
    named["why"] = _allowing([b.role for b in standing.because if b.effect is Effect.ALLOWS])
    said = (
        gettext("%(who)s may ask for %(role)s: %(why)s.")
        if name
        else gettext("You may ask for %(role)s: %(why)s.")
    ) % named
    return (
        said if standing.exists else f"{said} {gettext('But there is no role of this name.')}"
    )


def because_sentence(because: Because) -> str:
    """What one place in a held role says."""
    named = {"role": because.role, "where": _where(because), "pattern": because.pattern}
    match because.effect:
        case Effect.DENIES:
            return gettext("The role %(role)s forbids it%(where)s.") % named
        case Effect.ALLOWS:
            return gettext("The role %(role)s allows it%(where)s.") % named
        case Effect.GUARDED:
            said = gettext(
                "The role %(role)s says %(pattern)s, which hands out no preset: "
                "only the preset's own name does."
            )
            return said % named
        case Effect.ELEVATED:
            said = gettext(
                "The role %(role)s would allow it%(where)s, but it is held for a while only: "
                "what somebody may ask for comes from roles that are held all the time."
            )
            return said % named


def need_sentence(need: Need, outlook: Outlook) -> str:
    """Who would have to agree: "Two of Alice, Ivan and Rosa must agree." """
    people = outlook.possible_reviewers
    names = [outlook.called.get(email, email) for email in people]
    options = [
        _threshold_words(outlook.judgement.thresholds[index], names) for index in need.indexes
    ]
    said = gettext(", or ").join(dict.fromkeys(options))
    if len(outlook.needs) > 1:
        return gettext("For %(roles)s: %(need)s.") % {"roles": listed(need.roles), "need": said}
    return f"{_begun(said)}."


def condition_sentences(conditions: Conditions) -> list[str]:
    """The terms of asking, each in one sentence."""
    said = []
    if conditions.reason_required:
        why = _saying_so(conditions.reason_required_by)
        said.append(gettext("A reason is required: %(why)s.") % {"why": why})
    said += [
        gettext("The role %(role)s looks for %(pattern)s in the reason.")
        % {"role": role, "pattern": pattern}
        for role, pattern in conditions.reason_patterns
    ]
    if conditions.limit is not None:
        limit = {
            "length": in_words(conditions.limit),
            "why": _saying_so(conditions.limit_set_by),
        }
        said.append(gettext("At most %(length)s: %(why)s.") % limit)
    return said


def check_sentence(check: KnownCheck) -> str:
    """What a check has come to, or that it is awaited."""
    if check.state == CheckState.PENDING:
        return _must_pass([check.workflow])
    said = str(_SAYS[check.state]) % {"name": check.workflow}
    return _sentence(f"{said}: {check.reason}" if check.reason else said)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many names the first few."""
    shown = list(names)
    if len(shown) > NAMES_SHOWN:
        rest = len(shown) - NAMES_SHOWN + 1
        others = ngettext("%(count)s other", "%(count)s others", rest) % {"count": rest}
        shown = [*shown[: NAMES_SHOWN - 1], others]
    return words.listed(shown)


def _refused(explanation: Explanation, code: str, detail: str) -> str:
    kept = [role for role in explanation.roles if not role.requestable]
    if code == "role_not_requestable" and kept:
        return standing_sentence(kept[0], name=explanation.name)
    if code == _DUPLICATE:
        if not explanation.name:
            return gettext("You asked for exactly this already.")
        return gettext("%(who)s asked for exactly this already.") % {"who": explanation.name}
    return detail


def _why_not(standing: Standing, name: str) -> str:
    effects = {one.effect for one in standing.because}
    if Effect.DENIES in effects:
        denying = [one.role for one in standing.because if one.effect is Effect.DENIES]
        return _forbidding(denying)
    if Effect.GUARDED in effects:
        return gettext("no pattern hands out a preset, only its own name does")
    if Effect.ELEVATED in effects:
        roles = [one.role for one in standing.because if one.effect is Effect.ELEVATED]
        why = {"why": _allowing(roles)}
        return gettext("%(why)s, and what is held for a while does not count") % why
    return _without_a_word(standing, name)


def _without_a_word(standing: Standing, name: str) -> str:
    said = {"who": name, "roles": listed(standing.silent)}
    if not standing.silent:
        return gettext("%(who)s holds no role") % said if name else gettext("you hold no role")
    if name:
        return gettext("none of %(who)s's roles allows it (%(roles)s)") % said
    return gettext("none of your roles allows it (%(roles)s)") % said


def _where(because: Because) -> str:
    """How a pattern, or a claim mapping, comes to mean the name."""
    if because.claim:
        said = gettext(
            ", because the trait %(trait)s matches %(value)s: that stands for %(pattern)s"
        )
        return said % {
            "trait": because.claim,
            "value": because.value,
            "pattern": because.pattern,
        }
    if "*" in because.pattern or "^" in because.pattern:
        return gettext(" by %(pattern)s") % {"pattern": because.pattern}
    return ""


def _saying_so(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    said = ngettext("the role %(roles)s says so", "the roles %(roles)s say so", len(distinct))
    return said % {"roles": listed(distinct)}


def _allowing(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    said = ngettext(
        "the role %(roles)s allows it", "the roles %(roles)s allow it", len(distinct)
    )
    return said % {"roles": listed(distinct)}


def _forbidding(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    said = ngettext(
        "the role %(roles)s forbids it", "the roles %(roles)s forbid it", len(distinct)
    )
    return said % {"roles": listed(distinct)}


def _threshold_words(threshold: Threshold, names: Sequence[str]) -> str:
    if threshold.all_of is not None:
        return _parts_words(threshold.all_of, names)
    if not threshold.approve:
        return str(_ONLY_DENIED)
    said = _agreeing(threshold.approve, names)
    if not threshold.filter:
        return said
    return gettext("%(need)s, and only reviews that meet its condition count") % {"need": said}


def _parts_words(parts: Sequence[Part], names: Sequence[str]) -> str:
    """What a threshold asks of different people."""
    counted = [part for part in parts if part.approve]
    total = sum(part.approve for part in counted)
    wanted = listed([_of_part(part) for part in counted])
    different = gettext(", each a different person") if total > 1 else ""
    return f"{_agreeing(total, names)}: {wanted}{different}"


def _of_part(part: Part) -> str:
    count = {"count": _number(part.approve), "part": part.name}
    if not part.name:
        return ngettext("%(count)s more", "%(count)s more", part.approve) % count
    return ngettext("%(count)s for %(part)s", "%(count)s for %(part)s", part.approve) % count


def _agreeing(count: int, names: Sequence[str]) -> str:
    said = {"count": _number(count), "people": listed(names)}
    if not names:
        said_so = ngettext(
            "%(count)s must agree, and nobody can now",
            "%(count)s must agree, and nobody can now",
            count,
        )
        return said_so % said
    if count > len(names):
        said_so = ngettext(
            "%(count)s must agree, and only %(people)s can",
            "%(count)s must agree, and only %(people)s can",
            count,
        )
        return said_so % said
    if count == len(names):
        return ngettext("%(people)s must agree", "%(people)s must agree", count) % said
    return (
        ngettext(
            "%(count)s of %(people)s must agree", "%(count)s of %(people)s must agree", count
        )
        % said
    )


def _awaited(checks: Sequence[KnownCheck]) -> list[str]:
    waiting = [check.workflow for check in checks if check.state == CheckState.PENDING]
    if not waiting:
        return []
    return [_must_pass(waiting)]


def _must_pass(workflows: Sequence[str]) -> str:
    said = ngettext(
        "The check %(names)s must pass.", "The checks %(names)s must pass.", len(workflows)
    )
    return said % {"names": listed(workflows)}


def _number(count: int) -> str:
    return str(_NUMBERS[count]) if count < len(_NUMBERS) else str(count)


def _begun(text: str) -> str:
    """As a sentence begins; a name keeps its small letter."""
    own = {*map(str, _NUMBERS), str(_ONLY_DENIED).partition(" ")[0]}
    return text[:1].upper() + text[1:] if text.partition(" ")[0] in own else text


def _uncapped(text: str) -> str:
    return text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
