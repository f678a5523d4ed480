"""Several YAML files as one text, so that the plane takes them in one piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from accessplane_client.errors import PlaneError


@dataclass(frozen=True)
class Source:
    """A file as it was read."""

    name: str
    content: bytes


def joined(sources: Sequence[Source]) -> bytes:
    """One source goes as it is. Of several, the documents follow each other as they are written:

    nothing is interpreted here, so that a value means to the plane what it means in the file.
    """
    documents = [list(documents_of(each)) for each in sources]
    if not any(documents):
        raise PlaneError("There is no document in what you gave.")
    if len(sources) == 1:
        return sources[0].content
    inner = [event for each in documents for document in each for event in document]
    stream = [yaml.StreamStartEvent(), *inner, yaml.StreamEndEvent()]
    said: str = yaml.emit(stream, allow_unicode=True, width=10**9)
    return said.encode()


def places(sources: Sequence[Source]) -> Iterator[str]:
    """Which documents of the whole stand in which file."""
    first = 1
    for each in sources:
        count = sum(1 for _ in documents_of(each))
        if count:
            numbers = f"document {first}" if count == 1 else f"{first} to {first + count - 1}"
            yield f"{numbers}: {each.name}"
        first += count


def documents_of(source: Source) -> Iterator[list[yaml.Event]]:
    """Each document as its events, the empty ones left out."""
    document: list[yaml.Event] = []
    try:
        for event in yaml.parse(source.content, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                event.explicit = True
                document = []
            document.append(event)
            if isinstance(event, yaml.DocumentEndEvent):
                if not _is_empty(document):
                    yield document
                document = []
    except yaml.YAMLError as error:
        raise PlaneError(f"{source.name} is not YAML: {_where(error)}") from error


def _is_empty(document: Sequence[yaml.Event]) -> bool:
    root = document[1]
    return isinstance(root, yaml.ScalarEvent) and not root.value and root.implicit[0]


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem}, line {mark.line + 1}." if mark else f"{problem}."
