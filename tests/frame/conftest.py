import os
import socket

import pytest

from tests.frame.processes import Plane


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What starts an embedded plane is the same whatever the suite runs on: once is enough."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if (
            "tests/frame/" in str(item.path)
            and names & {"start", "start_first"}
            and "redis_url" not in names
        ):
            item.add_marker(pytest.mark.embedded)


@pytest.fixture
def start(tmp_path, prepared):
    """Starts planes that do not outlive the test, on data that was prepared before."""
    prepared.plane(tmp_path)
    yield from starting(tmp_path)


@pytest.fixture
def start_first(tmp_path):
    """Starts planes that do not outlive the test, the first of them on an empty folder."""
    yield from starting(tmp_path)


def starting(tmp_path):
    planes = []

    def _start(command="serve", **environment):
        planes.append(Plane(tmp_path, command, **environment))
        return planes[-1]

    yield _start
    for plane in planes:
        plane.kill()


@pytest.fixture
def closed_port():
    """A port that is ours and that nobody listens on."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@pytest.fixture
def redis_url():
    """A Redis to try things on; without one the test is skipped and says so."""
    url = os.environ.get("REDIS_URL")
    if not url:
        pytest.skip("needs Redis: set REDIS_URL (`make test` runs the suite with it as well)")
    return url
