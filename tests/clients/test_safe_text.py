import json

import pytest
from accessplane_client.cli.safe_text import clean, clean_line, escape_in_json, has_controls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ticket #123", "ticket #123"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;owned\x07title", "]0;ownedtitle"),
        ("\x9b2Jgone", "2Jgone"),
        ("over\rwritten", "overwritten"),
        ("back\b\b\b\bspace", "backspace"),
        ("a\tb", "a b"),
        ("one\r\ntwo", "one\ntwo"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("ze\u200bro", "zero"),
        ("half \ud800 pair", "half  pair"),
        ("Zoë grüßt 数据 👋", "Zoë grüßt 数据 👋"),
    ],
)
def test_what_moves_the_cursor_or_hides_is_taken_out(text, shown):
    assert clean(text) == shown
    assert not has_controls(clean(text))


def test_a_line_stays_a_line():
    assert clean_line("one\ntwo\r\nthree") == "one two three"


def test_json_keeps_every_character_but_writes_the_dangerous_ones_as_escapes():
    document = {"reason": "\x9b31m \u202e \x1b[2J Zoë"}

    said = escape_in_json(json.dumps(document, ensure_ascii=False, indent=2))

    assert json.loads(said) == document
    assert "Zoë" in said
    assert not has_controls(said)
