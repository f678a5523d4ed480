"""The app's manifest that we ship is for a bot as this plane needs one."""

import json
from pathlib import Path

MANIFEST = Path(__file__).parents[2] / "examples/teams/manifest.json"


def test_the_app_is_a_bot_that_answers_wherever_cards_may_go():
    manifest = json.loads(MANIFEST.read_text())

    (bot,) = manifest["bots"]
    assert set(bot["scopes"]) == {"team", "groupChat", "personal"}
    assert bot["isNotificationOnly"] is False
    assert manifest["manifestVersion"] in manifest["$schema"]
    assert len(manifest["name"]["short"]) <= 30
    assert len(manifest["description"]["short"]) <= 80
