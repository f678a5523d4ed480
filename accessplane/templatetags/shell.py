"""The frame around every page: where one can go, who one is, what the page looks like."""

from contextlib import suppress
from typing import Any, cast
from zlib import crc32

from django import template
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import get_language

from accessplane import navigation
from accessplane.languages import words_address
from accessplane.lib.zones import zone_names
from accessplane.look import theme_of, zone_of

register = template.Library()

_HUES = 6


@register.simple_tag(takes_context=True)
def places(context: template.Context, which: str = "main") -> list[navigation.Link]:
    """The links to `main` places, to those for a phone's `bar` or behind its `more`, to the
    `last` ones, to the `settings`, or to one's `own`, which are the tabs of these."""
    here = _name_of(context.get("request"))
    of = {
        "last": navigation.LAST_PLACES,
        "own": navigation.OWN_PLACES,
        "settings": (navigation.SETTINGS,),
    }
    shown = cast("dict[str, Any]", context.flatten())
    if "waiting" not in shown:  # a page that brings nothing for the frame
        shown |= shown.get("shell", {})
    found = navigation.links(of.get(which, navigation.PLACES), shown, here)
    if which == "bar":
        return found[: navigation.IN_BAR]
    return found[navigation.IN_BAR :] if which == "more" else found


def _name_of(request: Any) -> str | None:
    """The name of the address that is answered: a form that waited for a proof has its own again,
    and `resolver_match` is still that of the proof."""
    with suppress(AttributeError, Resolver404):
        return resolve(request.path_info).url_name
    return None


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The theme that was chosen in this browser: "light", "dark", or "" for the system's."""
    return theme_of(context.get("request"))


@register.simple_tag(takes_context=True)
def zone(context: template.Context) -> str:
    """The time zone that was chosen in this browser, or "" for the device's."""
    return zone_of(context.get("request"))


@register.simple_tag
def zones() -> list[str]:
    """Those that one can choose."""
    return zone_names()


@register.simple_tag
def words() -> str:
    """The address of the words that scripts say, in the language of the page."""
    return words_address(get_language() or settings.LANGUAGE_CODE)


@register.inclusion_tag("parts/avatar.html")
def avatar(person: Any, size: str = "") -> dict[str, Any]:
    """The initials of a person, given as a user or as an address, in a tint of their own."""
    name = getattr(person, "get_short_name", lambda: str(person))()
    email = getattr(person, "email", name)
    return {"initials": initials(name), "hue": crc32(email.encode()) % _HUES, "size": size}


@register.filter
def first_name(email: str) -> str:
    """The part of an address before its @, which is what a list has room for."""
    return email.partition("@")[0]


def initials(name: str) -> str:
    """ "Alice Moore" and "alice.moore@example.com" are "AM", "bob" is "B"."""
    words = name.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"
