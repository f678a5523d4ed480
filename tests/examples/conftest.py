import shutil
import subprocess

import pytest

from tests.examples.programs import PATIENCE, WORKFLOWS
from tests.examples.stage import set_up


@pytest.fixture(scope="session")
def theatre(tmp_path_factory):
    with set_up(tmp_path_factory.mktemp("plane")) as stage:
        yield stage


@pytest.fixture
def stage(theatre):
    """A real plane and the services. What a test opened is closed, and what it got given back."""
    yield theatre
    for name in ("carol", "frank", "bob"):
        theatre.give_back(name)
        for request in theatre.as_(name).requests(scope="mine", state="PENDING"):
            theatre.as_(name).cancel(request.id)


@pytest.fixture(scope="session")
def built_typescript(tmp_path_factory):
    """A copy of the TypeScript example in which `npm ci` and `npm run build` have run."""
    copy = tmp_path_factory.mktemp("typescript") / "example"
    leave_out = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(WORKFLOWS / "typescript", copy, ignore=leave_out)
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run(["npm", *command], cwd=copy, check=True, timeout=2 * PATIENCE)  # noqa: S603, S607
    return copy
