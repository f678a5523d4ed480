"""Every page in German: what reads the same in both languages is a name, or was forgotten."""

import html
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from audit.catalogue import EVENT_TYPES
from identity.models import User
from tests.web import page_list, stages

# Texts between tags, and those attributes that somebody reads or hears.
_TEXT = re.compile(
    r">([^<>]+)<|(?:aria-label|title|placeholder|data-confirm[a-z-]*)=\"([^\"]+)\""
)
_SILENT = re.compile(r"<(script|style|code|pre|kbd|template)\b.*?</\1>", re.DOTALL)
_NAMES = re.compile(r"<(\w+)\b[^>]*\btranslate=\"no\".*?</\1>", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{4,}")
_TITLE = " · Access Plane"
# Words and names that are the same in both languages; "Start" is what Home is called in German.
ALIKE = {
    "Access Plane", "Admin", "Browser", "Dokument", "Label", "Name", "Passkey", "Person",
    "Route", "Start", "System", "Workflow", "Workflows", "Deutsch", "Apprise", "Discord", "E-mail",
    "Jira", "Mattermost", "Microsoft Teams", "PagerDuty", "Slack", "Webhook",
}  # fmt: skip
# What the pages derive from names in documents: settings of channels, keys of labels.
DERIVED = {"App token", "Bot token", "Link by e-mail", "Signing secret", "Area", "Risk"}
# What the list of pages itself asks for.
ASKED = {"soon", "xyzzy"}


def texts(source: str) -> Iterator[str]:
    """What the page says, piece by piece."""
    for text, attribute in _TEXT.findall(_NAMES.sub("", _SILENT.sub("", source))):
        said = " ".join(html.unescape(text or attribute).split()).removesuffix(_TITLE)
        if _WORD.search(said):
            yield said


def written() -> str:
    """What people wrote, and what is not translated therefore: the demo organisation, the stages."""
    demo = settings.BASE_DIR / "examples" / "demo"
    documents = [path.read_text() for path in sorted(demo.rglob("*.y*ml"))]
    stage = (settings.BASE_DIR / "tests" / "web" / "stages.py").read_text()
    return " ".join(" ".join([*documents, stage.replace("\\n", " ")]).split()).casefold()


def is_written(text: str, data: str) -> bool:
    """Whether people wrote it, all of it or each part of a list."""
    parts = [text, *re.split(r", |[()]", text)]
    return text.casefold() in data or all(part.casefold() in data for part in parts[1:])


@pytest.mark.parametrize("stage", ["some", "none"])
def test_no_page_is_half_translated(db, clock, stage):
    ids = stages.furnish(stage, clock.now())
    data, known = written(), ALIKE | DERIVED | ASKED | set(EVENT_TYPES)
    left = {}
    for page in page_list.on_stage(stage):
        client = Client()
        if page.viewer:
            client.force_login(User.objects.get(email=f"{page.viewer}@example.com"))
        path = page.path.format(**ids)
        english, german = (
            set(texts(client.get(path, headers={"accept-language": code}).content.decode()))
            for code in ("en", "de")
        )
        same = {
            text
            for text in english & german
            if text not in known and not is_written(text, data)
        }
        if same:
            left[page.name] = sorted(same)

    assert left == {}
