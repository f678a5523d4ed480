"""Pure: configuration documents (CONTRACT 2), from YAML or JSON to one shape."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from accessplane.lib.errors import InvalidInput
from accessplane.lib.soundness import is_sound

MAX_DOCUMENTS = 10_000
DESCRIPTION_LENGTH = 2000
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null")}


class Metadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every document says of itself."""

    name: str
    description: str = ""
    labels: dict[str, str] = {}

    def __post_init__(self) -> None:
        if len(self.description) > DESCRIPTION_LENGTH:
            raise ValueError(f"a description has at most {DESCRIPTION_LENGTH} characters")


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape that every document has; `spec` is read by its kind."""

    kind: str
    version: str
    metadata: Metadata
    spec: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A document, and where it stood: `roles.yaml, document 2`."""

    kind: str
    name: str
    metadata: Metadata
    spec: Mapping[str, Any]
    place: str

    @property
    def key(self) -> tuple[str, str]:
        """What the document is for; the case of an e-mail address does not count."""
        return self.kind, self.name.strip().lower() if self.kind == "user" else self.name

    def refusal(self, cause: InvalidInput) -> InvalidInput:
        """The refusal `cause`, of the same kind, naming file, document and name."""
        sentence = f"{self.place} ({self.kind} {self.name[:128]}): {cause.detail}"
        return type(cause)(sentence, errors=cause.errors or {self.place: [cause.detail]})


class _Loader(yaml.SafeLoader):
    """YAML as plain as JSON: no aliases (a short text could stand for a huge one), no tags, no
    repeated keys. A date is text, as everything that is no number, flag or null."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(
                problem="aliases and tags are not read", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        seen = set[str]()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in seen:
                why = "stands twice" if isinstance(key, str) else "is no text"
                problem = f"the key {key!r} {why}"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def from_yaml(text: str, *, source: str) -> list[Document]:
    """The documents of a YAML text; empty ones are passed over. `InvalidInput` says where."""
    try:
        raw = [document for document in yaml.load_all(text, Loader=_Loader) if document]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput(f"{source} is no YAML that can be read: {error}") from error
    return from_values(raw, source=source)


def values_from_yaml(text: str) -> Any:
    """The values of a piece of a document; None of an empty text, `InvalidInput` of no YAML."""
    try:
        return next(yaml.load_all(text, Loader=_Loader), None)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput(f"This is no YAML that can be read: {error}") from error


def from_json(text: str, *, source: str) -> list[Document]:
    """The documents of a JSON text: a list of documents, or a single one."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{source} is no JSON that can be read: {error}") from error
    return from_values(raw if isinstance(raw, list) else [raw], source=source)


def from_values(values: Any, *, source: str) -> list[Document]:
    """The documents of values that were read already; `InvalidInput` names document and path."""
    if not isinstance(values, list):
        raise InvalidInput(f"{source} is no list of documents.")
    if not is_sound(values):
        raise InvalidInput(f"{source} holds text that cannot be stored.")
    if len(values) > MAX_DOCUMENTS:
        raise InvalidInput(f"{source} has more than {MAX_DOCUMENTS} documents.")
    return [_document(value, source, number) for number, value in enumerate(values, 1)]


def _document(value: Any, source: str, number: int) -> Document:
    place = f"{source}, document {number}"
    try:
        envelope = msgspec.convert(value, Envelope)
    except msgspec.ValidationError as error:
        sentence = str(error).replace("`$.", "`").replace(" - at `$`", "")
        raise InvalidInput(f"{place}: {sentence}", errors={place: [sentence]}) from error
    if envelope.version != "v1":
        raise InvalidInput(f"{place}: the version is v1, not {envelope.version[:40]!r}.")
    metadata = envelope.metadata
    return Document(envelope.kind, metadata.name, metadata, envelope.spec, place)


def to_yaml(
    kind: str,
    name: str,
    spec: Mapping[str, Any],
    *,
    description: str = "",
    labels: Mapping[str, str] | None = None,
) -> str:
    """The document of an object as a text; read again, it says the same."""
    metadata = {"name": name, "description": description, "labels": dict(labels or {})}
    given = {key: value for key, value in metadata.items() if value}
    document = {"kind": kind, "version": "v1", "metadata": given, "spec": dict(spec)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def check_no_twins(documents: Sequence[Document]) -> None:
    """Refuse (`InvalidInput`) two documents for one object: which of them would count?"""
    seen: dict[tuple[str, str], str] = {}
    for document in documents:
        if document.key in seen:
            raise InvalidInput(
                f"{document.place}: {document.kind} {document.name[:128]} stands in "
                f"{seen[document.key]} already."
            )
        seen[document.key] = document.place
