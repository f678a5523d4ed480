"""Moments and lengths of time, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accessplane.lib.durations import in_words
from accessplane.lib.instants import moment_from, spoken, text_of

register = template.Library()

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.filter
def duration(seconds: float | timedelta) -> str:
    """A length, given in seconds as documents give it: "8 hours"."""
    return in_words(seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds))


@register.simple_tag
def moment(value: str | datetime) -> SafeString:
    """The moment as a date, a time and its zone."""
    when = _moment(value)
    return format_html('<time datetime="{}">{}</time>', text_of(when), spoken(when))


@register.simple_tag(takes_context=True)
def from_now(context: template.Context, value: str | datetime) -> SafeString:
    """How far the moment is from the page's own (`at`); the exact one on hover and read aloud."""
    when = _moment(value)
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="unseen"> ({})</span></time>',
        text_of(when),
        spoken(when),
        distance(when - context["at"]),
        spoken(when),
    )


def distance(length: timedelta) -> str:
    """ "in 2 hours 5 minutes", "5 minutes ago": two units of what comes, one of what was."""
    if abs(length) < _MINUTE:
        return "in less than a minute" if length > timedelta(0) else "just now"
    if length > timedelta(0):
        return f"in {in_words(_floor(length, _MINUTE if length < _DAY else _HOUR))}"
    past = -length
    unit = next(unit for unit in (_DAY, _HOUR, _MINUTE) if past >= unit)
    return f"{in_words(_floor(past, unit))} ago"


def _floor(length: timedelta, unit: timedelta) -> timedelta:
    return length // unit * unit


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else moment_from(value)
    if found is None:
        raise ValueError(f"{value!r} is no moment.")
    return found.astimezone(UTC)
