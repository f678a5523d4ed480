"""Windows of the week, by the clocks of their zones."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessplane.lib.errors import InvalidInput
from identity import specs
from policy.schedules import ClockTime, Window, covered, uncovered_from

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MOMENTS = st.integers(0, 5_000_000).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


def window(**given) -> Window:
    return specs.parse({key.rstrip("_"): value for key, value in given.items()}, Window)


def open_at(some: Window, *moments: str) -> list[bool]:
    """Whether it is open at these UTC times, `03-02T08:00` in 2026."""
    return [some.covers(datetime.fromisoformat(f"2026-{one}+00:00")) for one in moments]


def test_without_any_all_times_are_covered():
    assert covered([], MONDAY)
    assert not covered([window(days=["tue"])], MONDAY)
    assert covered([window(days=["tue"]), window(days=["mon"])], MONDAY)


@given(MOMENTS)
def test_a_window_that_says_nothing_is_always_open(at):
    assert window().covers(at)


def test_its_beginning_is_in_it_and_its_end_is_not():
    office = window(from_="08:30", to="17:00")

    assert open_at(office, "03-02T08:29", "03-02T08:30", "03-02T16:59", "03-02T17:00") == [
        False,
        True,
        True,
        False,
    ]
    assert office.covers(datetime(2026, 3, 2, 16, 59, 59, 999999, UTC))


def test_it_is_open_on_its_days():
    workdays = window(days=["mon", "tue", "wed", "thu", "fri"])

    week = [workdays.covers(MONDAY + timedelta(days=day)) for day in range(7)]
    assert week == [True] * 5 + [False] * 2


def test_the_day_is_that_of_the_zone():
    """Sunday 15:00 in London is Monday in Auckland."""
    monday = window(timezone="Pacific/Auckland", days=["mon"])

    assert open_at(monday, "03-01T10:59", "03-01T11:00", "03-02T10:59", "03-02T11:00") == [
        False,
        True,
        True,
        False,
    ]


def test_over_midnight_it_belongs_to_the_day_on_which_it_begins():
    night = window(days=["fri"], from_="22:00", to="06:00")

    assert open_at(night, "03-06T21:59", "03-06T22:00", "03-07T05:59", "03-07T06:00") == [
        False,
        True,
        True,
        False,
    ]
    assert open_at(night, "03-06T03:00", "03-07T22:00") == [False, False]


def test_until_its_own_beginning_is_a_whole_day():
    around = window(days=["mon"], from_="08:00", to="08:00")

    assert open_at(around, "03-02T07:59", "03-02T08:00", "03-03T07:59", "03-03T08:00") == [
        False,
        True,
        True,
        False,
    ]


def test_24_00_is_the_end_of_the_day():
    evening = window(days=["mon"], from_="18:00", to="24:00")

    assert open_at(evening, "03-02T23:59", "03-03T00:00", "03-02T17:59") == [True, False, False]


def test_in_spring_the_hour_that_is_left_out_is_in_no_window():
    """On 29 March 2026 the clocks of Berlin go from 01:59 (00:59 UTC) to 03:00."""
    berlin = window(timezone="Europe/Berlin", from_="02:00", to="03:00")
    morning = window(timezone="Europe/Berlin", from_="01:00", to="04:00")

    assert open_at(berlin, "03-29T00:59", "03-29T01:00", "03-29T01:59") == [False] * 3
    assert open_at(morning, "03-29T00:00", "03-29T01:00", "03-29T01:59", "03-29T02:00") == [
        True,
        True,
        True,
        False,
    ]
    assert open_at(berlin, "03-28T01:30", "03-30T00:30") == [True, True]


def test_in_autumn_the_hour_that_comes_twice_is_in_it_twice():
    """On 25 October 2026 the clocks of Berlin go from 02:59 (00:59 UTC) back to 02:00."""
    berlin = window(timezone="Europe/Berlin", from_="02:00", to="03:00")

    assert open_at(berlin, "10-24T23:59", "10-25T00:00", "10-25T01:59", "10-25T02:00") == [
        False,
        True,
        True,
        False,
    ]


def test_a_night_over_the_change_of_clocks_is_one_night():
    night = window(timezone="Europe/Berlin", days=["sat"], from_="22:00", to="06:00")
    first = datetime(2026, 3, 28, 20, 30, tzinfo=UTC)

    hours = [night.covers(first + timedelta(hours=hour)) for hour in range(10)]
    assert hours == [False] + [True] * 7 + [False] * 2


@given(MOMENTS, st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_a_window_and_its_complement_cover_every_moment_once(at, h1, m1, h2, m2):
    begin, end = f"{h1:02}:{m1:02}", f"{h2:02}:{m2:02}"
    if begin == end:
        return
    for zone in ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"):
        one, other = (
            window(timezone=zone, from_=begin, to=end),
            window(timezone=zone, from_=end, to=begin),
        )
        assert one.covers(at) != other.covers(at)


@pytest.mark.parametrize("text", ["00:00", "08:30", "23:59", "24:00"])
def test_a_time_of_day(text):
    assert ClockTime.parse(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "8:30", "08:60", "24:01", "25:00", "0830", "08:30:00", " 08:30", "٠٨:٣٠", "noon"],
)
def test_what_is_no_time_of_day(text):
    with pytest.raises(InvalidInput, match=r"`spec\.from`"):
        window(from_=text)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"timezone": "Mars/Olympus"}, ""),
        ({"timezone": ""}, ""),
        ({"timezone": "../../etc/passwd"}, ""),
        ({"timezone": "/etc/passwd"}, ""),
        ({"timezone": "a\0b"}, ""),
        ({"timezone": 1}, "timezone"),
        ({"days": ["monday"]}, "days[0]"),
        ({"days": []}, ""),
        ({"days": "mon"}, "days"),
        ({"to": 24}, "to"),
        ({"until": "08:00"}, ""),
    ],
)
def test_what_is_no_window(wrong, path):
    with pytest.raises(InvalidInput) as caught:
        window(**wrong)
    assert path in caught.value.detail


# --- until when ---------------------------------------------------------------------------------

CLOCKS = st.sampled_from(["00:00", "01:30", "02:30", "03:00", "08:00", "22:00", "23:59"])
WINDOWS = st.lists(
    st.builds(
        window,
        timezone=st.sampled_from(
            ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]
        ),
        days=st.lists(st.sampled_from(["mon", "sat", "sun"]), min_size=1, unique=True),
        from_=CLOCKS,
        to=CLOCKS | st.just("24:00"),
    ),
    max_size=3,
)
# Around the Sundays on which clocks are changed, in Berlin and on Lord Howe Island.
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 28), (4, 4), (10, 24))]
NIGHTS = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(0, 2 * 86_400),
)


@settings(max_examples=150, deadline=None)
@given(WINDOWS, NIGHTS)
def test_the_end_is_the_first_moment_that_is_not_covered(windows, at):
    found = at
    while windows and covered(windows, found):  # each minute until then
        found = found.replace(second=0, microsecond=0) + timedelta(minutes=1)

    assert uncovered_from(windows, at) == found


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-03-02T20:59:00+00:00", "2026-03-02T20:59:00+00:00"),
        ("2026-03-02T21:00:00+00:00", "2026-03-03T07:00:00+00:00"),
        ("2026-03-03T06:59:59+00:00", "2026-03-03T07:00:00+00:00"),
        ("2026-03-28T21:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # summer begins
        ("2026-10-24T20:00:00+00:00", "2026-10-25T07:00:00+00:00"),  # and ends
    ],
)
def test_a_night_in_berlin_ends_at_eight_there(at, end):
    night = window(timezone="Europe/Berlin", from_="22:00", to="08:00")

    assert uncovered_from([night], datetime.fromisoformat(at)) == datetime.fromisoformat(end)


def test_windows_that_leave_nothing_have_no_end():
    assert uncovered_from([window()], MONDAY) is None
    assert uncovered_from([window(to="12:00"), window(from_="11:00")], MONDAY) is None
    assert uncovered_from([], MONDAY) == MONDAY
