"""The log on pages: searched, narrowed, read one by one, and taken away."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from audit import services
from audit.models import LedgerEntry, Verification
from audit.web import views
from tests import cast, deeds


@pytest.fixture
def story(bob, alice, ivan, clock):
    """Bob asked for dba, Alice and Ivan approved; Carol asked for staging-web."""
    request = deeds.ask(bob, "dba", reason="=HYPERLINK(1) ticket #4711")
    deeds.approve(request, alice, reason="go ahead")
    deeds.approve(request, ivan)
    deeds.ask(cast.called("carol"), "staging-web", reason="the new header")
    services.drain(at=clock.now())
    return request


def entry_of(type_: str, **more) -> LedgerEntry:
    return LedgerEntry.objects.select_related("event").get(event__type=type_, **more)


def csv_at(browser, path: str) -> list[dict[str, str]]:
    response = browser.client.get(path)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(response).decode())))


def test_each_row_is_a_sentence_and_the_newest_is_on_top(browser, auditor, story):
    text = browser(auditor).read("/audit").text

    told = [
        "Carol asked for staging-web",
        "Bob's access to dba began",
        "Bob's request for dba is approved",
        "Ivan approved Bob's request for dba",
        "Alice approved Bob's request for dba",
        "Bob asked for dba",
    ]
    places = [text.index(sentence) for sentence in told]
    assert places == sorted(places)
    assert "Everything that happened" in text


def test_two_of_one_name_are_called_by_their_addresses(browser, auditor, story, clock):
    cast.apply(cast.person("robert", display_name="Bob"))
    services.drain(at=clock.now())

    text = browser(auditor).read("/audit").text

    assert "The command tests added robert@example.com" in text
    assert "Alice approved bob@example.com's request for dba" in text


def test_whoever_sees_a_part_sees_that_and_is_told_so(browser, bob, story):
    text = browser(bob).read("/audit").text

    assert "Your share of what happened" in text
    assert "Alice approved Bob's request for dba" in text
    assert "Alice added" not in text
    assert "added the role secret" not in text


def test_nobody_sees_what_is_not_for_him(browser, mallory, story):
    mallorys = browser(mallory)
    event = entry_of("access_request.approved")

    assert " dba" not in mallorys.read("/audit").text
    assert mallorys.read(f"/audit/{event.pk}").status == 404
    assert mallorys.read("/audit?q=ticket").text.count("ticket") == 1  # the chip
    exported = csv_at(mallorys, "/audit/events.csv")
    assert {row["object"] for row in exported} == {"mallory@example.com"}
    lines = b"".join(mallorys.client.get("/audit/events.jsonl")).splitlines()
    assert {json.loads(line)["about"]["name"] for line in lines} == {"mallory@example.com"}


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("type=grant.started", {"grant.started"}),
        ("actor=ALICE@example.com", {"access_request.reviewed"}),
        ("q=4711", {"access_request.created"}),
        ("q=header&actor=alice@example.com", set()),
        ("object=staging-web&type=access_request.created", {"access_request.created"}),
        ("since=2026-03-03", set()),
        ("until=2026-03-01", set()),
        ("since=2026-03-02&until=2026-03-02&type=grant.started", {"grant.started"}),
    ],
)
def test_filters_narrow(browser, auditor, story, query, types):
    rows = csv_at(browser(auditor), f"/audit/events.csv?{query}")

    assert {row["type"] for row in rows} == types
    shown = browser(auditor).read(f"/audit?{query}").source
    assert shown.count('class="whole"') == len(rows)


def test_the_object_may_be_named_by_its_id(browser, auditor, story):
    rows = csv_at(browser(auditor), f"/audit/events.csv?object={story.pk}")

    assert {row["object_id"] for row in rows} == {str(story.pk)}
    assert len(rows) == 4


def test_words_are_found_in_any_alphabet_and_as_they_stand(browser, bob, auditor, clock):
    deeds.ask(bob, "staging-web", reason='Störung "im" 50%_Lager')
    services.drain(at=clock.now())
    auditors = browser(auditor)

    for words in ("Störung", '"im"', "50%25_L"):
        assert len(csv_at(auditors, f"/audit/events.csv?q={words}")) == 1
    assert csv_at(auditors, "/audit/events.csv?q=50_") == []


def test_a_chip_takes_its_filter_away_and_keeps_the_others(browser, auditor, story):
    source = browser(auditor).read("/audit?q=dba&actor=alice%40example.com&before=99").source

    assert '<a class="chip" href="?actor=alice%40example.com"><span>Search</span> dba' in source
    assert '<a class="chip" href="?q=dba"><span>Who</span> alice@example.com' in source


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "type=moon.landed", "before=x", "before=-1", "after=9" * 40, "q=%00"],
)
def test_what_makes_no_sense_is_said_and_nothing_is_shown(browser, auditor, story, query):
    seen = browser(auditor).read(f"/audit?{query}")

    assert seen.status == 400
    assert 'class="whole"' not in seen.source
    assert browser(auditor).read(f"/audit/events.csv?{query}").status == 400


def test_pages_go_on_where_the_last_one_ended(browser, auditor, story, monkeypatch):
    monkeypatch.setattr(views, "_ROWS", 4)
    auditors = browser(auditor)
    last = LedgerEntry.objects.count()

    first = auditors.read("/audit")
    assert f"?before={last - 3}" in first.source
    assert 'rel="prev"' not in first.source
    assert 'data-live="*"' in first.source

    second = auditors.read(f"/audit?before={last - 3}")
    assert f"?before={last - 7}" in second.source
    assert f"?after={last - 4}" in second.source
    assert 'data-live="*"' not in second.source

    back = auditors.read(f"/audit?after={last - 4}")
    assert back.source.count('class="whole"') == 4
    assert 'rel="prev"' not in back.source
    assert f"?before={last - 3}" in back.source


def test_one_event_with_all_that_the_log_has_of_it(browser, bob, story):
    entry = entry_of("access_request.created", event__about_id=story.pk)
    before = LedgerEntry.objects.get(pk=entry.pk - 1)

    seen = browser(bob).read(f"/audit/{entry.pk}")

    assert "Bob asked for dba" in seen.text
    assert "ticket #4711" in seen.text
    assert "Duration 8 hours" in seen.text
    assert entry.hash in seen.text
    assert before.hash in seen.text
    assert "verify_ledger" in seen.text
    assert f'href="/requests/{story.pk}"' in seen.source


def test_the_first_event_stands_behind_the_beginning(browser, auditor, story):
    assert "0" * 64 in browser(auditor).read("/audit/1").text


def test_there_is_no_event_beyond_the_last(browser, auditor, story):
    beyond = [LedgerEntry.objects.count() + 1, 0, 2**70]

    assert {browser(auditor).read(f"/audit/{number}").status for number in beyond} == {404}


def test_csv_holds_nothing_that_is_calculated(browser, auditor, story):
    rows = csv_at(browser(auditor), f"/audit/events.csv?object={story.pk}")

    assert not [c for row in rows for c in row.values() if c.startswith(("=", "+", "-", "@"))]
    assert json.loads(rows[-1]["data"])["reason"] == "=HYPERLINK(1) ticket #4711"


def test_json_lines_are_the_documents_of_the_stream(browser, as_, auditor, story):
    response = browser(auditor).client.get("/audit/events.jsonl?actor=alice@example.com")
    lines = [json.loads(line) for line in b"".join(response).splitlines()]

    documents = as_(auditor).get("events/?actor=alice@example.com").json()["results"]
    assert lines == documents[::-1]
    assert 'filename="audit.jsonl"' in response.headers["Content-Disposition"]


def test_an_export_reads_on_in_pieces(browser, auditor, story, monkeypatch):
    from audit import selectors

    whole = csv_at(browser(auditor), "/audit/events.csv")
    monkeypatch.setattr(selectors, "_AT_ONCE", 3)

    assert csv_at(browser(auditor), "/audit/events.csv") == whole
    assert len(whole) == LedgerEntry.objects.count()


def test_the_state_of_the_log(browser, bob, story, clock):
    bobs = browser(bob)
    assert "Never, as far as the plane knows" in bobs.read("/audit").text

    call_command("verify_ledger")

    last = LedgerEntry.objects.order_by("pk").last()
    text = bobs.read("/audit").text
    assert f"Number {last.pk}" in text
    assert last.hash in text
    assert f"Holds just now Mon 2 Mar 2026, 12:00 UTC Up to entry {last.pk}" in text.replace(
        "(", ""
    ).replace(")", "")


def test_a_log_that_does_not_hold_is_said_to_everybody(browser, bob, story, noon):
    Verification.objects.create(at=noon, sequence=9, hash="f" * 64, first_bad=3)

    text = browser(bob).read("/audit").text

    assert "Does not hold" in text
    assert "Entry 3 is the first that was changed" in text
