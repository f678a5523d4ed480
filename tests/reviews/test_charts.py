"""Charts begin at zero, and stand where their numbers say."""

import pytest

from reviews.charts import HEIGHT, Series, line_chart, shares, short_length


def numbers(*values):
    return line_chart([Series("all", "force", values)], ["a"] * len(values), write=str)


def test_an_axis_reaches_over_the_highest():
    chart = numbers(21)

    assert [tick.label for tick in chart.axes.ticks] == ["0.0", "10.0", "20.0", "30.0"]
    assert chart.axes.ticks[0].y == f"{HEIGHT:.1f}"


def test_nothing_at_all_has_an_axis():
    chart = numbers(0, 0)

    assert [tick.label for tick in chart.axes.ticks] == ["0.0", "1.0"]
    assert {dot.y for dot in chart.lines[0].dots} == {f"{HEIGHT:.1f}"}


def test_single_values_are_no_line():
    assert lines(60.0, 120.0, None).is_telling
    assert not lines(60.0, None, 120.0).is_telling


def lines(*values, name="half"):
    series = [Series(name, "median", values)]
    return line_chart(
        series, [str(n) for n in range(len(values))], write=short_length, lengths=True
    )


def test_a_line_of_lengths_has_ticks_that_people_say():
    chart = lines(60.0, 3600.0)

    assert [tick.label for tick in chart.axes.ticks] == [
        "0",
        "15 min",
        "30 min",
        "45 min",
        "1 h",
    ]
    (line,) = chart.lines
    assert [(dot.x, dot.y) for dot in line.dots] == [("25.00%", "177.0"), ("75.00%", "0.0")]
    assert line.dots[1].title == "1: half 1 h"


def test_a_value_that_is_missing_interrupts_the_line():
    (line,) = lines(60.0, None, 60.0, 120.0).lines

    assert len(line.dots) == 3
    assert [(stroke.x1, stroke.x2) for stroke in line.strokes] == [("62.50%", "87.50%")]


def test_a_line_without_a_value_has_no_end():
    (line,) = lines(None, None).lines

    assert line.last is None


def test_names_that_would_meet_stand_apart():
    chart = line_chart(
        [Series("half", "median", [10]), Series("nine in ten", "ninth", [10])],
        ["a"],
        write=str,
    )

    low, high = sorted((float(line.name_y) for line in chart.lines), reverse=True)
    assert low - high == 14


def test_few_places_are_named():
    assert [label.text for label in lines(*[60.0] * 52).axes.labels] == [
        "0", "9", "18", "27", "36", "45",
    ]  # fmt: skip


def test_shares_stand_end_to_end():
    assert shares([3, 1], 8) == [("0.00%", "37.50%"), ("37.50%", "12.50%")]
    assert shares([0, 0], 0) == [("0.00%", "0.00%"), ("0.00%", "0.00%")]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0"), (0.4, "0 s"), (45, "45 s"), (60, "1 min"), (90, "1.5 min"), (754, "13 min"), (5400, "1.5 h"),
        (86400, "1 d"), (864000, "10 d"),
    ],
)  # fmt: skip
def test_lengths_in_short(seconds, words):
    assert short_length(seconds) == words
