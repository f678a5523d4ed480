"""Lists to take away: nothing in them is calculated, and their end is said."""

import csv
import io
import json

import pytest

from accessplane.lib import exports


def rows_of(content) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(content).decode())))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",  # noqa: RUF001
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_cell_that_a_spreadsheet_would_calculate_is_text(cell):
    assert exports.defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["ticket #1", "a=b", "", "1", "'=1", "alice@example.com"])
def test_any_other_text_stays_as_it_is(cell):
    assert exports.defused(cell) == cell


def test_numbers_stay_numbers_and_nothing_is_empty():
    assert [exports.defused(value) for value in (-1, 0, None)] == ["-1", "0", ""]


def test_csv_keeps_commas_quotes_and_lines():
    said = 'a, "b"\nc'

    assert rows_of(exports.csv_of([said], ["reason"], lambda row: [row])) == [
        ["reason"],
        [said],
    ]


def test_a_list_as_long_as_allowed_is_whole():
    assert rows_of(exports.csv_of([1, 2], ["n"], lambda row: [row], most=2))[1:] == [
        ["1"],
        ["2"],
    ]


def test_a_longer_one_says_where_it_ends():
    found = rows_of(exports.csv_of([1, 2, 3], ["n"], lambda row: [row], most=2))

    assert found[3:] == [
        ["There are more than these 2 rows. Narrow the list to export the rest."]
    ]
    lines = b"".join(exports.json_lines_of([1, 2, 3], lambda n: {"n": n}, most=2)).splitlines()
    assert [json.loads(line) for line in lines] == [
        {"n": 1},
        {"n": 2},
        {"cut_after": 2, "detail": found[3][0]},
    ]


def test_the_rows_are_asked_for_no_further():
    asked = iter(range(100))

    list(exports.json_lines_of(asked, lambda n: {"n": n}, most=2))

    assert next(asked) == 3


def test_rows_leave_in_pieces():
    pieces = list(exports.csv_of(range(1000), ["n"], lambda row: [row]))

    assert len(pieces) > 4
    assert len(rows_of(pieces)) == 1001
