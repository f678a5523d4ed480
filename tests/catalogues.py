"""The catalogues below `locale/`: `make words` brings them up to what the sources say.

Everything is Python, so that whoever changes a text needs no package of the system. What a source
no longer says leaves the catalogue; what is new is added without a translation, which the suite
asks for (`tests/frame/test_catalogues.py`).
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
APPS = ("accessplane", "audit", "chatops", "identity", "policy", "requests_app", "reviews")
DOMAINS = ("django", "djangojs")
SOURCE = "en"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "now_translated": None,
    "told": None,  # what a form says of a channel's setting (`chatops.specs`)
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def languages() -> list[str]:
    """Those that texts are translated into."""
    return [code for code, _name in settings.LANGUAGES if code != SOURCE]


def path_of(language: str, domain: str) -> Path:
    """Where the catalogue stands; its compiled form stands beside it."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def catalogue(language: str, domain: str) -> Catalog:
    """The catalogue as it is stored; an empty one for a language that has none yet."""
    path = path_of(language, domain)
    if not path.exists():
        return Catalog(
            locale=language,
            domain=domain,
            header_comment="# The texts of Access Plane; how they are kept: docs/how-to/translate.md",
            project="Access Plane",
            version="1",
            last_translator="Access Plane",
            fuzzy=False,
        )
    return read_po(BytesIO(path.read_bytes()), locale=language, domain=domain)


def gathered(domain: str) -> Catalog:
    """Every text that the sources mark, and where it stands."""
    found = Catalog(domain=domain)
    for path, code, way in _sources(domain):
        for _line, texts, _comments, context in extract(way, BytesIO(code.encode()), KEYWORDS):
            place = (path.relative_to(ROOT).as_posix(), 1)
            found.add(texts, locations=[place], context=context)
    return found


def as_text(texts: Catalog) -> bytes:
    """The catalogue as a .po file: sorted, and without the numbers of lines, which change."""
    written = BytesIO()
    write_po(
        written, texts, sort_output=True, include_lineno=False, width=100, omit_header=False
    )
    return written.getvalue()


def compiled(texts: Catalog) -> bytes:
    """The catalogue as the .mo file that is read when the plane runs."""
    written = BytesIO()
    write_mo(written, texts)
    return written.getvalue()


def _sources(domain: str) -> Iterator[tuple[Path, str, str]]:
    if domain == "djangojs":
        for path in sorted((ROOT / "static" / "js").rglob("*.js")):
            yield path, path.read_text(), "javascript"
        return
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield path, path.read_text(), "python"
    for path in sorted((ROOT / "templates").rglob("*.*")):
        # What Django leaves of a template are calls among crossed out signs. No parser of Python
        # takes that, but one that skips what it does not know does.
        yield path, templatize(path.read_text()), "javascript"


def _update(language: str, domain: str) -> list[str]:
    """Bring one catalogue up to date; return what it cannot say yet."""
    texts = catalogue(language, domain)
    texts.update(gathered(domain), no_fuzzy_matching=True, update_creation_date=False)
    texts.obsolete.clear()
    path = path_of(language, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_text(texts))
    path.with_suffix(".mo").write_bytes(compiled(texts))
    return [str(text.id) for text in texts if text.id and not all(_strings(text.string))]


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def main() -> None:
    """Bring all catalogues up to date, and name what waits for a translation."""
    django.setup()
    missing = [
        f"{path_of(language, domain).relative_to(ROOT)}: {text}"
        for language in languages()
        for domain in DOMAINS
        for text in _update(language, domain)
    ]
    print("\n".join([*missing, f"{len(missing)} texts wait for a translation."]))  # noqa: T201
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
