"""Moments and lengths of time, in words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accessplane.lib.durations import in_words, in_words_from
from accessplane.lib.instants import moment_from, spoken, text_of
from requests_app import states

register = template.Library()

_PEOPLE = {"who", "other"}
_SHOWN = 5
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.filter
def duration(seconds: float | timedelta) -> str:
    """A length, given in seconds as documents give it: "8 hours"."""
    return in_words(seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds))


@register.filter
def state_word(state: str) -> str:
    """What a state is called: "Approved"."""
    return states.state_word(state)


@register.simple_tag
def moment(value: str | datetime) -> SafeString:
    """The moment as a date, a time and its zone."""
    when = _moment(value)
    return format_html('<time datetime="{}">{}</time>', text_of(when), _exactly(when))


@register.simple_tag(takes_context=True)
def from_now(context: template.Context, value: str | datetime) -> SafeString:
    """How far the moment is from the page's own (`at`); the exact one on hover and read aloud."""
    when = _moment(value)
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}<span class="unseen"> ({})</span></time>',
        text_of(when),
        _exactly(when),
        distance(when - context["at"]),
        _exactly(when),
    )


@register.simple_tag(takes_context=True)
def time_left(context: template.Context, value: str | datetime) -> SafeString:
    """What is left until the moment, running down while the page is open: "7:59:12"."""
    when = _moment(value)
    return format_html(
        '<time datetime="{}" title="{}" data-countdown>{}</time>',
        text_of(when),
        _exactly(when),
        _running(when - context["at"]),
    )


@register.filter
def known(people: Mapping[str, Any] | None, email: str) -> Any:
    """The person of this address among those the page knows by name; else the address."""
    return (people or {}).get(email, email)


@register.simple_tag(takes_context=True)
def called(context: template.Context, email: str) -> SafeString:
    """What to call the person of this address in a sentence; the address on hover."""
    return _called(known(context.get("people"), email))


@register.simple_tag(takes_context=True)
def told(context: template.Context, entry: Any) -> SafeString:
    """The sentence of an entry of a timeline, its people by name and its moments as times."""
    pieces = {key: _piece(context, key, value) for key, value in entry.values.items()}
    return format_html(str(entry.words), **{"who": "", **pieces})


def _piece(context: template.Context, key: str, value: Any) -> Any:
    people = context.get("people")
    if isinstance(value, datetime):
        return moment(value)
    if key in _PEOPLE:
        return _called(known(people, value))
    if key != "recipients":
        return value
    shown = [_called(known(people, name)) for name in value[:_SHOWN]]
    if len(value) > _SHOWN:
        more = len(value) - _SHOWN
        others = ngettext("%(more)s other", "%(more)s others", more) % {"more": more}
        shown.append(format_html("{}", others))
    return format_html_join(", ", "{}", ((one,) for one in shown))


def _called(person: Any) -> SafeString:
    name = getattr(person, "get_short_name", lambda: str(person))()
    email = getattr(person, "email", name)
    if name == email:
        return format_html("<strong>{}</strong>", name)
    return format_html('<strong title="{}">{}</strong>', email, name)


def distance(length: timedelta) -> str:
    """ "in 2 hours 5 minutes", "5 minutes ago": two units of what comes, one of what was."""
    if abs(length) < _MINUTE:
        return _("in less than a minute") if length > timedelta(0) else _("just now")
    if length > timedelta(0):
        ahead = in_words_from(_floor(length, _MINUTE if length < _DAY else _HOUR))
        return _("in %(length)s") % {"length": ahead}
    past = -length
    unit = next(unit for unit in (_DAY, _HOUR, _MINUTE) if past >= unit)
    return _("%(length)s ago") % {"length": in_words_from(_floor(past, unit))}


def _running(length: timedelta) -> str:
    """Days for what is far away, else hours, minutes and seconds; "00:00" for what was."""
    if length >= 2 * _DAY:
        return in_words(_floor(length, _DAY))
    minutes, seconds = divmod(max(0, int(length.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _floor(length: timedelta, unit: timedelta) -> timedelta:
    return length // unit * unit


def _exactly(when: datetime) -> str:
    """The moment in the zone of whoever reads the page."""
    return spoken(when, timezone.get_current_timezone())


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else moment_from(value)
    if found is None:
        raise ValueError(f"{value!r} is no moment.")
    return found.astimezone(UTC)
