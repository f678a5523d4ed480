"""The product's own Python, parsed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Module:
    """One file: `requests_app/services/asking.py`."""

    path: Path
    tree: ast.Module
    lines: int

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def app(self) -> str:
        """The top-level package."""
        return self.path.relative_to(ROOT).parts[0]

    @property
    def floor(self) -> str:
        """What it is inside its app: `services`, `api`, `models`, ..."""
        parts = self.path.relative_to(ROOT).parts
        return Path(parts[1]).stem if len(parts) > 1 else ""

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def at(self, node: ast.AST) -> str:
        """Where to look."""
        return f"{self.name}:{node.lineno}"


@cache
def product() -> tuple[Module, ...]:
    """Every module of the apps, the frame and the client; migrations are generated."""
    packages = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
    packages = [one for one in packages if one.name != "tests"]
    return tuple(_modules(*packages, ROOT / "clients" / "accessplane_client"))


def _modules(*folders: Path) -> Iterator[Module]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text()
                yield Module(path, ast.parse(text), text.count("\n"))


def dotted(node: ast.AST) -> str:
    """`timezone.now` of the expression that reads so; empty if it is none."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""
