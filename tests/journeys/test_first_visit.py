"""What a first visit costs: everything that comes over the wire to a browser that was never here."""

import pytest

from tests import browsing
from tests.streams import Stage

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
MOST = 120_000  # bytes


@pytest.fixture
def stage(tmp_path, prepared):
    """A plane with the cast."""
    stage = Stage(tmp_path, prepared)
    yield stage
    stage.end()


def test_signing_in_and_home_come_in_120_kilobytes(stage, chromium):
    context = chromium.new_context(base_url=stage.origin)
    page = context.new_page()
    weights = weigh(page)

    page.goto("/accounts/login/", wait_until="networkidle")
    session = {"name": "sessionid", "value": stage.cast["bob"].session}
    context.add_cookies([session | {"url": stage.origin}])
    page.goto("/", wait_until="load")
    page.wait_for_function("document.fonts.ready")
    page.wait_for_load_state("networkidle")

    assert page_and_parts(weights) >= {
        "/accounts/login/",
        "/",
        "inter-latin",
        "tokens",
        "icons",
    }
    assert sum(weights.values()) < MOST, weights


def weigh(page) -> dict[str, int]:
    """The bytes of each answer from now on, its head and its body as it was compressed."""
    weights: dict[str, int] = {}
    addresses: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def answered(event):
        addresses[event["requestId"]] = event["response"]["url"]

    def finished(event):
        address = addresses.get(event["requestId"], "?")
        weights[address] = weights.get(address, 0) + int(event["encodedDataLength"])

    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", finished)
    return weights


def page_and_parts(weights) -> set[str]:
    """The names of what came, without the hashes that its files have."""
    paths = ["/" + address.split("/", 3)[3] for address in weights if address.count("/") > 2]
    return {*paths, *(path.rpartition("/")[2].partition(".")[0] for path in paths)}
