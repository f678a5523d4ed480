"""Keeps the plane small: what libraries would load only because it is installed.

Some libraries look for others when they are imported, and offer more where they find them. What
they find here is there for other processes (the client, the child that runs Apprise, the tests),
and would cost ten megabytes in each that serves.
"""

import ctypes
import sys
from typing import Any, cast

# The ones that look, and what they are not to find.
LOOKING = ("httpx", "rest_framework.compat", "django.test.utils")
UNNEEDED = ("jinja2", "markdown", "pygments", "requests", "rich")


def import_small() -> None:
    """Import those that look while the others cannot be found; afterwards they can be again."""
    modules = cast("dict[str, Any]", sys.modules)
    hidden = [name for name in UNNEEDED if name not in modules]
    modules.update(dict.fromkeys(hidden))
    try:
        for name in LOOKING:
            __import__(name)
    finally:
        for name in hidden:
            del modules[name]


def give_back() -> None:
    """Return to the system what was needed only to start, where the C library can do that."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
