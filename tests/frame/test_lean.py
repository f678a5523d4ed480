"""What a serving process does not load, and others can all the same."""

from tests.frame.processes import run

SEEN = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
from accessplane.lean import UNNEEDED
print(sorted(name for name in (*UNNEEDED, "lxml", "xmlsec") if name in sys.modules))
import requests
print(requests.__name__)
"""


def test_the_plane_loads_nothing_that_only_others_need(tmp_path):
    done = run(
        "-c", SEEN, DATA=str(tmp_path), DJANGO_SETTINGS_MODULE="accessplane.settings.embedded"
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", "requests"]
