"""gettext for every floor. Rules know of Django this table of words, and nothing else."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from django.conf import settings
from django.utils.dateformat import format as date_format
from django.utils.functional import Promise
from django.utils.translation import (
    gettext,
    gettext_lazy,
    ngettext,
    npgettext,
    override,
    pgettext,
    pgettext_lazy,
)

# A text that is translated when it is shown, or one that is none.
Text = str | Promise

__all__ = [
    "Text",
    "dated",
    "either",
    "gettext",
    "gettext_lazy",
    "in_the_planes_language",
    "listed",
    "ngettext",
    "npgettext",
    "pgettext",
    "pgettext_lazy",
]


def in_the_planes_language() -> AbstractContextManager[None]:
    """Within it, words are in the language that the operator chose for what the plane sends."""
    return override(settings.ACCESSPLANE_LANGUAGE)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, last = names or [""]
    if not first:
        return last
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


def either(names: Sequence[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    *first, last = names or [""]
    if not first:
        return last
    return gettext("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last}


def dated(moment: datetime, form: str) -> str:
    """The moment in a form of Django's `date` filter, its names of days and months translated."""
    return str(date_format(moment, form))
