"""Configuration documents from files."""

from pathlib import Path

from django.core.management import CommandError

from accessplane.lib.errors import DomainError
from identity import documents
from identity.documents import Document

SUFFIXES = {".yaml", ".yml", ".json"}


def documents_of(path: Path) -> list[Document]:
    """The documents of a file, or of all files under a directory in the order of their names.

    Raises `CommandError` for what cannot be read, naming the file.
    """
    return [document for file in _files_of(path) for document in _read(file, _name(file, path))]


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
    if not files:
        raise CommandError(f"There is no YAML or JSON file under {path}.")
    return files


def _name(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if root.is_dir() else str(file)


def _read(file: Path, source: str) -> list[Document]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as refusal:
        raise CommandError(f"{file} cannot be read: {refusal}.") from refusal
    try:
        if file.suffix == ".json":
            return documents.from_json(text, source=source)
        return documents.from_yaml(text, source=source)
    except DomainError as refusal:
        raise CommandError(refusal.detail) from refusal
