"""What the documentation shows must work: its links lead somewhere, its documents apply."""

import re
import textwrap
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from accessplane.lib.actors import console
from audit.catalogue import EVENT_TYPES
from identity import documents
from identity.services import configuration

ROOT = Path(settings.BASE_DIR)
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "tests/**/*.md", "examples/**/*.md")
    for page in ROOT.glob(pattern)
    if "node_modules" not in page.parts
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
BLOCK = re.compile(r"^ *```yaml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^    code = \"(\w+)\"$", re.MULTILINE)
VARIABLE = re.compile(r"\benv\.\w+\(\s*\"(\w+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMES_OF_OTHERS = """
kind: role
version: v1
metadata: {name: prod-admin}
---
kind: user
version: v1
metadata: {name: alice@example.com}
---
kind: user
version: v1
metadata: {name: ivan@example.com}
"""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    headings = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page):
    for address, anchor in LINK.findall(page.read_text()):
        goal = (page.parent / address).resolve() if address else page
        assert goal.exists(), f"{address} leads nowhere"
        assert not anchor or anchor in anchors(goal), f"{address} has no heading #{anchor}"


def test_every_type_of_event_is_described():
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "events"):
            import_module(f"{app.name}.events")
    page = (ROOT / "docs/reference/events.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    described = re.findall(r"`(\w+\.\w+)`", " ".join(rows))

    assert set(EVENT_TYPES) <= set(described)
    assert {name for name in described if not name.startswith("actor.")} <= set(EVENT_TYPES)


def test_every_code_of_a_refusal_is_described():
    page = (ROOT / "docs/reference/rest.md").read_text()
    apps_of_ours = [Path(app.path) for app in apps.get_app_configs()]
    apps_of_ours = [path for path in apps_of_ours if path.parent == ROOT]
    sources = [path.read_text() for app in apps_of_ours for path in app.rglob("*.py")]
    codes = {code for source in sources for code in CODE.findall(source)}

    assert "own_request" in codes
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_every_variable_of_the_environment_is_described():
    page = (ROOT / "docs/reference/settings.md").read_text()
    sources = [path.read_text() for path in ROOT.glob("accessplane/settings/*.py")]
    read = {name for source in sources for name in VARIABLE.findall(source)}

    assert "DATABASE_URL" in read
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_every_decision_stands_in_the_list():
    listed = (ROOT / "docs/adr/README.md").read_text()

    for path in ROOT.glob("docs/adr/0*.md"):
        assert f"({path.name})" in listed
        title = path.read_text().splitlines()[0]
        assert title.startswith(f"# {path.name[:4]}. ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page",
    [
        "docs/reference/configuration-files.md",
        "docs/how-to/configure-roles-and-users.md",
        "docs/how-to/write-a-workflow.md",
        "docs/how-to/write-a-workflow-in-python.md",
        "docs/how-to/receive-events-by-webhook.md",
        "docs/how-to/connect-slack.md",
        "docs/how-to/connect-email.md",
        "docs/how-to/connect-pagerduty.md",
        "docs/how-to/connect-discord.md",
        "docs/how-to/connect-mattermost.md",
        "docs/how-to/connect-teams.md",
        "docs/how-to/connect-anything-else.md",
        "docs/how-to/connect-jira.md",
    ],
)
def test_the_documents_that_a_page_shows_can_be_applied(page):
    blocks = [textwrap.dedent(text) for text in BLOCK.findall((ROOT / page).read_text())]
    shown = [text.removeprefix("---\n") for text in blocks if "kind:" in text]
    assert shown

    found = {
        (document.kind, document.name): document
        for number, text in enumerate([NAMES_OF_OTHERS, *shown])
        for document in documents.from_yaml(text, source=f"block {number}")
    }
    outcomes = configuration.apply_documents(
        list(found.values()),
        by=console("test"),
        may=configuration.everything,
        at=timezone.now(),
    )

    assert [outcome.warnings for outcome in outcomes if outcome.warnings] == []
