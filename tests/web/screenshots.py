"""`make screenshots`: every page of the list on a real plane, light and dark, wide and narrow.

All of them go to `build/screenshots`; those of `in_docs` to `docs/screenshots` as well.
"""

import base64
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import django
from playwright.sync_api import sync_playwright

django.setup()

from tests import browsing  # noqa: E402
from tests.frame.processes import Plane, run  # noqa: E402
from tests.web import page_list  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent.parent
EVERYTHING = ROOT / "build" / "screenshots"
IN_DOCS = ROOT / "docs" / "screenshots"
QUALITY = 78
MOST_IN_DOCS = 2_000_000  # bytes
LOOKS_IN_DOCS = {("wide", "light"), ("wide", "dark"), ("phone", "light")}
LONGEST = 4_000  # pixels of a page that are worth looking at
EMBEDDED = "accessplane.settings.embedded"

FURNISH = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from identity.models import User
from tests.web import page_list, stages
settings.ALLOWED_HOSTS = ["*"]
call_command("migrate", verbosity=0)
stage = sys.argv[1]
ids = stages.furnish(stage, timezone.now())
def session_of(name):
    browser = Client()
    user = User.objects.get(email=name + "@example.com")
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return browser.session.session_key
viewers = {page.viewer for page in page_list.on_stage(stage)} - {""}
print(json.dumps([ids, {name: session_of(name) for name in viewers}]))
"""


@contextmanager
def on(stage: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """A plane with this stage: where it is, the ids of its requests, and a session for each viewer."""
    with TemporaryDirectory(prefix="accessplane-stage-") as folder:
        done = run("-c", FURNISH, stage, DJANGO_SETTINGS_MODULE=EMBEDDED, DATA=folder)
        if done.returncode != 0:
            sys.exit(done.stderr)
        ids, sessions = json.loads(done.stdout.splitlines()[-1])
        plane = Plane(Path(folder), ACCESSPLANE_LOG_LEVEL="ERROR")
        try:
            yield f"http://127.0.0.1:{plane.port}", ids, sessions
        finally:
            plane.stop()


def picture(tab: "Page", width: int, least: int) -> bytes:
    """The whole page as WebP, cut where nobody would look any more."""
    height = tab.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "scale": 1}
    clip["height"] = min(max(height, least), LONGEST)
    tab.set_viewport_size({"width": width, "height": clip["height"]})
    answer = tab.context.new_cdp_session(tab).send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip},
    )
    tab.set_viewport_size({"width": width, "height": least})
    return base64.b64decode(answer["data"])


def take(browser: "Browser", url: str, stage: str, ids: dict, sessions: dict) -> None:
    """All pictures of one stage."""
    for theme, (size, (width, height)) in product(page_list.THEMES, page_list.SIZES.items()):
        for page in page_list.on_stage(stage):
            context = browser.new_context(
                base_url=url,
                color_scheme=theme,
                viewport={"width": width, "height": height},
                reduced_motion="reduce",
            )
            if page.viewer:
                session = {"name": "sessionid", "value": sessions[page.viewer], "url": url}
                context.add_cookies([session])
            tab = context.new_page()
            tab.goto(page.path.format(**ids))
            tab.evaluate("document.fonts.ready")
            content = picture(tab, width, height)
            context.close()
            name = f"{page.name}-{size}-{theme}.webp"
            (EVERYTHING / name).write_bytes(content)
            if page.in_docs and (size, theme) in LOOKS_IN_DOCS:
                (IN_DOCS / name).write_bytes(content)


def main() -> None:
    """Take them all, or those of the stages that are named."""
    if browsing.CHROMIUM is None:
        sys.exit("Screenshots need Chromium, and none was found: apt-get install chromium")
    stages = sys.argv[1:] or page_list.STAGES
    for folder in (EVERYTHING, IN_DOCS):
        if stages == page_list.STAGES:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsing.CHROMIUM, args=browsing.FLAGS
        )
        for stage in stages:
            with on(stage) as (url, ids, sessions):
                take(browser, url, stage, ids, sessions)
        browser.close()
    taken = sum(1 for _ in EVERYTHING.iterdir())
    size = sum(one.stat().st_size for one in IN_DOCS.iterdir())
    sys.stdout.write(
        f"{taken} pictures in {EVERYTHING.relative_to(ROOT)}; "
        f"{size // 1000} kB of them in {IN_DOCS.relative_to(ROOT)}.\n"
    )
    if size > MOST_IN_DOCS:
        sys.exit(f"That is more than {MOST_IN_DOCS // 1000} kB: take `in_docs` from some page.")


if __name__ == "__main__":
    main()
