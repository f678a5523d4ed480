"""The catalogues say everything that the sources mark, and the compiled ones say the same."""

import re
from gettext import GNUTranslations
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message

from tests import catalogues

EACH = [
    (language, domain) for language in catalogues.languages() for domain in catalogues.DOMAINS
]
HELP = "Run `make words`, translate what it names, and run it again (docs/how-to/translate.md)."
PLACE = re.compile(r"%\((\w+)\)[sdr]|\{(\w*)\}|%s")
TAG = re.compile(r"</?\w+")


def keyed(texts: Catalog) -> dict[tuple[str | None, object], Message]:
    return {(text.context, text.id): text for text in texts if text.id}


def strings(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.fixture(scope="module", params=catalogues.DOMAINS)
def gathered(request) -> tuple[str, Catalog]:
    return request.param, catalogues.gathered(request.param)


@pytest.mark.parametrize("language", catalogues.languages())
def test_the_catalogue_has_what_the_sources_say_and_nothing_else(gathered, language):
    domain, sources = gathered

    assert keyed(catalogues.catalogue(language, domain)).keys() == keyed(sources).keys(), HELP


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_everything_is_translated_and_nothing_is_guessed(language, domain):
    texts = keyed(catalogues.catalogue(language, domain)).values()

    assert [text.id for text in texts if text.fuzzy or not all(strings(text.string))] == [], (
        HELP
    )


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_a_translation_names_the_places_and_tags_of_its_source(language, domain):
    wrong = []
    for text in keyed(catalogues.catalogue(language, domain)).values():
        last = strings(text.id)[-1]
        for number, said in enumerate(strings(text.string)):
            # The words for one thing may do without the number.
            is_one = isinstance(text.id, tuple) and number == 0
            missing = places(last) - places(said)
            if places(said) - places(last) or (missing and not is_one):
                wrong.append(said)
            if sorted(TAG.findall(last)) != sorted(TAG.findall(said)):
                wrong.append(said)

    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_a_translation_can_stand_in_an_attribute(language, domain):
    """Templates put words between quotation marks; those of the language are others."""
    wrong = [
        said
        for text in keyed(catalogues.catalogue(language, domain)).values()
        for said in strings(text.string)
        if '"' in said and '"' not in strings(text.id)[-1]
    ]

    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), EACH)
def test_the_compiled_catalogue_says_the_same(language, domain):
    path = catalogues.path_of(language, domain)
    fresh = BytesIO(catalogues.compiled(catalogues.catalogue(language, domain)))

    assert words_of(BytesIO(path.with_suffix(".mo").read_bytes())) == words_of(fresh), HELP


def words_of(compiled) -> dict[object, str]:
    return {key: text for key, text in GNUTranslations(compiled)._catalog.items() if key}


def places(text: str) -> set[str]:
    return {found.group(0) for found in PLACE.finditer(text)}


def test_nothing_that_is_marked_is_made_up_at_run_time():
    """A text with a value in it is in no catalogue: the value belongs behind it."""
    marked = re.compile(r"\b(?:_|n?gettext(?:_lazy)?|n?pgettext)\(\s*f[\"']")
    wrong = [
        path.relative_to(catalogues.ROOT).as_posix()
        for app in catalogues.APPS
        for path in (catalogues.ROOT / app).rglob("*.py")
        if marked.search(path.read_text())
    ]

    assert wrong == []
