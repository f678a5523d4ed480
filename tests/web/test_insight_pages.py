"""The page of insights: for whom, and that its charts say in words what they show."""

import re

import pytest

from tests import cast, deeds


@pytest.fixture
def story(bob, alice, ivan, clock):
    request = deeds.ask(bob, "dba")
    deeds.approve(request, alice, at=deeds.later(minutes=10))
    deeds.approve(request, ivan, at=deeds.later(minutes=20))
    deeds.deny(deeds.ask(bob, "staging-db"), alice, at=deeds.later(minutes=40))
    deeds.ask(bob, "staging-web")
    clock.move(hours=2)


def test_the_figures_in_words(browser, auditor, story):
    text = browser(auditor).read("/insights").text

    assert (
        "Half of 2 decisions took at most 30 minutes, nine in ten at most 40 minutes." in text
    )
    assert "2 Mar 2026 2 30 minutes 40 minutes" in text
    assert "dba 1 0" in text
    assert "alice@example.com 1 1" in text
    assert "15 minutes to 1 hour 2" in text
    assert "1 hour to 4 hours 1" in text
    assert "1 now" in text


def test_charts_are_drawn_without_style_and_script(browser, auditor, story):
    source = browser(auditor).read("/insights").source

    charts = re.findall(r"<svg class=\"chart\".*?</svg>", source, re.DOTALL)
    assert len(charts) == 1  # decisions of a single week are told, not drawn
    assert all('role="img"' in chart and "aria-labelledby" in chart for chart in charts)
    assert not [chart for chart in charts if "style=" in chart or "<script" in chart]


@pytest.mark.parametrize("weeks", [4, 12, 26, 52])
def test_the_address_says_how_far_back(browser, auditor, story, weeks):
    source = browser(auditor).read(f"/insights?weeks={weeks}").source

    assert f'<a href="?weeks={weeks}" aria-current="page">' in source


@pytest.mark.parametrize("weeks", ["0", "13", "x", "-4"])
def test_any_other_period_is_refused_in_words(browser, auditor, story, weeks):
    seen = browser(auditor).read(f"/insights?weeks={weeks}")

    assert seen.status == 400
    assert 'role="alert"' in seen.source


def test_what_was_decided_before_does_not_count(browser, auditor, story, clock):
    clock.move(weeks=5)

    assert (
        "Nothing was decided in this time." in browser(auditor).read("/insights?weeks=4").text
    )
    assert "Half of 2 decisions" in browser(auditor).read("/insights").text


@pytest.mark.parametrize("resources", [["access_request"], ["grant"], ["event"]])
def test_whoever_reads_a_part_has_no_such_page(browser, mallory, everybody, clock, resources):
    rules = [{"resources": resources, "verbs": ["read"]}]
    cast.apply(
        cast.role("half", allow={"rules": rules}), cast.person("mallory", roles=["half"])
    )

    seen = browser(mallory).read("/insights")

    assert seen.status == 404
    assert 'href="/insights"' not in browser(mallory).read("/").source


def test_whoever_reads_requests_and_grants_has_it(browser, mallory, everybody, clock):
    rules = [{"resources": ["access_request", "grant"], "verbs": ["read"]}]
    cast.apply(
        cast.role("both", allow={"rules": rules}), cast.person("mallory", roles=["both"])
    )

    assert browser(mallory).read("/insights").status == 200
    assert 'href="/insights"' in browser(mallory).read("/").source


def test_nothing_yet_is_said(browser, auditor, everybody, clock):
    text = browser(auditor).read("/insights").text

    assert text.count("Nothing was decided in this time.") == 1
    assert "Nobody held access for a while in this time." in text
