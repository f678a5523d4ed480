"""Pure: the annotations a role puts on requests, with templates over traits (SEMANTICS 9.2)."""

import re
from collections.abc import Mapping, Sequence

from accessplane.lib.expressions import InvalidExpression

Annotations = Mapping[str, Sequence[str]]

_TEMPLATE = re.compile(
    r"\{\{\s*external(?:\.([A-Za-z0-9_\-]+)|\[\"([^\"{}]+)\"\])\s*\}\}", re.ASCII
)


def check(annotations: Annotations) -> None:
    """Refuse (`InvalidExpression`) any template but one `{{external.trait}}` in a value."""
    for key, values in annotations.items():
        if _is_braced(key):
            raise InvalidExpression(f"The annotation key {key!r} may not hold a template.")
        for value in values:
            if _is_braced(_TEMPLATE.sub("", value, count=1)):
                raise InvalidExpression(
                    f"The annotation value {value!r} may hold one {{{{external.trait}}}} "
                    "and no other template."
                )


def expanded(annotations: Annotations, traits: Annotations) -> set[tuple[str, str]]:
    """The pairs of key and value; a value whose trait is missing is dropped."""
    return {
        (key, text)
        for key, values in annotations.items()
        for value in values
        for text in _texts(value, traits)
    }


def _texts(value: str, traits: Annotations) -> list[str]:
    found = _TEMPLATE.search(value)
    if found is None:
        return [value]
    before, after = value[: found.start()], value[found.end() :]
    return [before + trait + after for trait in traits.get(found[1] or found[2], ())]


def _is_braced(text: str) -> bool:
    return "{{" in text or "}}" in text
