"""The list of what waits, the request beside it, several decisions, and what was decided."""

import pytest

from audit.models import AuditEvent
from chatops.models import Posting
from requests_app.models import Check
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds

FOR_PANE = {"HX-Request": "true", "HX-Target": "judged"}


def open_beside(request, more="") -> str:
    return f"/reviews?open={request.pk}{more}"


def listed(seen) -> list[str]:
    """The requests in the list, by the ids of their rows."""
    return [part.partition('"')[0] for part in seen.source.split('<li id="row-')[1:]]


# --- the list ----------------------------------------------------------------------------------


def test_what_runs_out_first_stands_first(browser, bob, carol, alice, clock):
    late = deeds.ask(bob, "dba")
    soon = deeds.ask(carol, "staging-web", pending_ttl=deeds.later(hours=2) - deeds.later())

    assert listed(browser(alice).read("/reviews")) == [str(soon.pk), str(late.pk)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=dba", ["dba"]),
        ("role=staging-web", ["old"]),
        ("role=nothing", []),
        ("requester=CAROL@example.com", ["old"]),
        ("waiting=1d", ["old"]),
        ("waiting=3d", []),
        ("waiting=nonsense", ["old", "dba"]),
        ("scope=nonsense", ["old", "dba"]),
        ("role=dba&requester=carol@example.com", []),
    ],
)
def test_filters_stand_in_the_address(browser, bob, carol, alice, clock, query, found):
    old = deeds.ask(carol, "staging-web")
    clock.move(days=1)
    dba = deeds.ask(bob, "dba", at=clock.now())
    named = {"old": str(old.pk), "dba": str(dba.pk)}

    seen = browser(alice).read(f"/reviews?{query}")

    assert listed(seen) == [named[name] for name in found]
    assert ("Nothing that waits is like this." in seen.text) is (not found)


def test_what_is_set_is_a_chip_that_can_be_taken_away(browser, bob, alice, clock):
    deeds.ask(bob, "dba")

    seen = browser(alice).read("/reviews?role=dba&waiting=1h&page=1")

    assert 'class="chip" href="/reviews?waiting=1h"' in seen.source
    assert 'class="chip" href="/reviews?role=dba"' in seen.source


def test_all_that_i_may_see_is_not_all_there_is(browser, bob, carol, alice, dana, clock):
    own = deeds.ask(alice, "staging-db")
    dba = deeds.ask(bob, "dba")
    deeds.approve(dba, alice)
    deeds.deny(deeds.ask(bob, "staging-web"), alice)

    assert listed(browser(alice).read("/reviews")) == []
    assert set(listed(browser(alice).read("/reviews?scope=all"))) == {str(own.pk), str(dba.pk)}
    assert set(listed(browser(dana).read("/reviews?scope=all"))) == {str(own.pk), str(dba.pk)}
    assert listed(browser(carol).read("/reviews?scope=all")) == []


# --- beside it ---------------------------------------------------------------------------------


def test_the_open_request_stands_beside_with_what_helps_to_judge(browser, bob, alice, clock):
    deeds.deny(deeds.ask(bob, "staging-web"), alice)
    request = deeds.ask(bob, "dba", at=deeds.later(hours=1), reason="ticket #123")
    clock.move(hours=2)

    seen = browser(alice).read(open_beside(request))

    beside = seen.text.partition("Back to the list")[2]
    assert "Bob asks for dba bob@example.com" in beside
    assert "No earlier request of Bob for dba" in beside
    assert "ticket #123" in beside
    assert "0 of 2 approvals" in beside
    assert "1 request in 30 days. The last decision was a denial, 2 hours ago" in beside
    assert "Requests that you may not see are not counted." in beside
    assert seen.has_button("Approve")
    assert seen.has_button("Deny")


def test_an_own_request_that_my_roles_could_decide_has_no_decision(browser, bob, clock):
    request = deeds.ask(bob, "staging-web")
    bobs = browser(bob)

    for path in (open_beside(request, "&scope=all"), f"/requests/{request.pk}"):
        seen = bobs.read(path)
        assert "it is your own request" in seen.text
        assert not seen.has_button("Approve")


def test_for_htmx_only_the_part_beside_comes(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    answer = browser(alice).client.get(open_beside(request), headers=FOR_PANE)

    text = answer.content.decode()
    assert text.lstrip().startswith('<section id="judged"')
    assert "<html" not in text
    assert 'hx-history="false"' in text


def test_going_back_gets_the_whole_page(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    headers = FOR_PANE | {"HX-History-Restore-Request": "true"}

    answer = browser(alice).client.get(open_beside(request), headers=headers)

    assert "<html" in answer.content.decode()


@pytest.mark.parametrize("text", ["nonsense", "00000000-0000-0000-0000-000000000001", "own"])
def test_what_is_not_for_me_to_see_is_not_there(browser, bob, mallory, clock, text):
    request = deeds.ask(bob, "dba", reason="secret words")
    text = str(request.pk) if text == "own" else text

    seen = browser(mallory).read(f"/reviews?open={text}")

    assert seen.status == 200
    assert "There is no such access request." in seen.text
    assert "secret words" not in seen.source


def test_earlier_requests_that_i_may_not_see_are_not_counted(browser, bob, ivan, clock):
    """Ivan reviews staging alone from now on: what Bob asked of dba is not for him."""
    deeds.ask(bob, "dba")
    cast.apply(cast.person("ivan", roles=["engineering"]))
    request = deeds.ask(bob, "staging-web", at=deeds.later(hours=1))

    seen = browser(ivan).read(open_beside(request))

    assert "Nothing that you may see." in seen.text
    assert "in 30 days" not in seen.text


def test_a_held_check_and_another_author_are_worth_a_look(browser, bob, alice, dana, clock):
    ticket = {"engine": "bot", "bot": "robot@example.com", "roles": ["dba"]}
    cast.apply(
        {"kind": "workflow", "version": "v1", "metadata": {"name": "ticket"}, "spec": ticket}
    )
    request = deeds.ask(dana, "dba", for_user=bob)
    Check.objects.update(problem="It cannot be reached.")

    seen = browser(alice).read(open_beside(request))

    assert "The check ticket could not be asked" in seen.text
    assert "Dana asked for this, not Bob" in seen.text


# --- deciding there ------------------------------------------------------------------------------


def decide_beside(browser, request, **fields):
    return browser.client.post(f"/requests/{request.pk}/review", fields, headers=FOR_PANE)


def test_deciding_beside_the_list_stays_there_and_takes_the_row_away(
    browser, bob, alice, clock
):
    request = deeds.ask(bob, "dba")

    answer = decide_beside(browser(alice), request, decision="APPROVE", reason="because")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "You approved this request." in text
    assert f'<li id="row-{request.pk}" hx-swap-oob="delete">' in text
    assert Review.objects.get().reason == "because"


def test_a_comment_leaves_the_row(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    text = decide_beside(browser(alice), request, decision="COMMENT", reason="hm").content

    assert b"hx-swap-oob" not in text
    assert b"Your comment stands below." in text


def test_a_refusal_beside_the_list_keeps_what_was_written(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    fields = {"decision": "APPROVE", "start_time": "2026-03-01T15:00", "reason": "kept words"}

    answer = decide_beside(browser(alice), request, **fields)

    text = answer.content.decode()
    assert answer.status_code == 400
    assert text.lstrip().startswith('<section id="judged"')
    assert "kept words</textarea>" in text
    assert "is in the past" in text
    assert not Review.objects.exists()


def test_a_second_decision_is_refused_beside_the_list(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    deeds.approve(request, alice)

    text = decide_beside(browser(alice), request, decision="DENY").content.decode()

    assert "You reviewed this request already." in text
    assert Review.objects.count() == 1


# --- several at once ----------------------------------------------------------------------------


def several(*requests, **said) -> dict:
    fields = {"id": [str(request.pk) for request in requests]}
    for request in requests:
        decision, reason = said.get(request.requester.email.partition("@")[0], ("", ""))
        fields |= {f"{request.pk}-decision": decision, f"{request.pk}-reason": reason}
    return fields


def test_the_chosen_ones_are_asked_about_with_a_reason_each(browser, bob, carol, alice, clock):
    dba, web = deeds.ask(bob, "dba"), deeds.ask(carol, "staging-web")
    gone = deeds.ask(bob, "staging-db")
    deeds.deny(gone, alice)
    ids = "&".join(f"id={one.pk}" for one in (dba, web, gone))

    seen = browser(alice).read(f"/reviews/several?{ids}&id=nonsense")

    assert seen.source.count("<textarea") == 2
    assert f'name="{dba.pk}-reason"' in seen.source
    assert "1 of the chosen ones does not wait for you any more." in seen.text


def test_none_chosen_is_no_fault_for_who_reviews_under_a_condition(browser, alice, clock):
    picky = {"roles": ["dba"], "where": 'request.reason != ""'}
    cast.apply(
        cast.role("picky", allow={"review_requests": picky}),
        cast.person("alice", roles=["picky"]),
    )

    assert browser(alice).read("/reviews/several").status == 200


def test_each_gets_its_own_result(browser, bob, carol, alice, clock):
    dba, web = deeds.ask(bob, "dba"), deeds.ask(carol, "staging-web")
    deeds.approve(dba, alice)
    fields = several(dba, web, bob=("DENY", "too late"), carol=("APPROVE", "go ahead"))

    seen = browser(alice).send("/reviews/several", **fields)

    web.refresh_from_db()
    assert seen.status == 200
    assert web.state == RequestState.APPROVED
    assert "1 decision counts. 1 was refused." in seen.text
    assert "You reviewed this request already." in seen.text
    assert "You approved it. go ahead" in seen.text


def test_sent_twice_it_says_the_same_and_counts_once(browser, bob, alice, clock):
    dba = deeds.ask(bob, "dba")
    alices, fields = browser(alice), several(dba, bob=("APPROVE", "fine"))
    first = alices.send("/reviews/several", **fields)
    before = AuditEvent.objects.count()

    again = alices.send("/reviews/several", **fields)

    assert "1 decision counts." in first.text
    assert "1 decision counts." in again.text
    assert (Review.objects.count(), AuditEvent.objects.count()) == (1, before)


def test_what_is_left_open_stays_open_and_its_words_stay(browser, bob, carol, alice, clock):
    dba, web = deeds.ask(bob, "dba"), deeds.ask(carol, "staging-web")
    fields = several(dba, web, bob=("", "half a thought"), carol=("DENY", "no"))

    seen = browser(alice).send("/reviews/several", **fields)

    assert "half a thought</textarea>" in seen.source
    assert [review.request_id for review in Review.objects.all()] == [web.pk]


def test_no_decision_at_all_is_said(browser, bob, alice, clock):
    dba = deeds.ask(bob, "dba")

    seen = browser(alice).send("/reviews/several", **several(dba))

    assert seen.status == 400
    assert "Choose Approve or Deny for at least one of them." in seen.text


def test_what_is_not_mine_to_see_stays_hidden_among_several(browser, bob, mallory, clock):
    dba = deeds.ask(bob, "dba", reason="secret words")
    fields = several(dba, bob=("APPROVE", "mine"))

    seen = browser(mallory).send("/reviews/several", **fields)

    assert "There is no such access request." in seen.text
    assert "secret words" not in seen.source
    assert "Nothing is chosen" in browser(mallory).read(f"/reviews/several?id={dba.pk}").text
    assert not Review.objects.exists()


# --- what I decided, and who was told ----------------------------------------------------------


def test_what_i_decided_and_nobody_else(browser, bob, alice, ivan, clock):
    dba = deeds.ask(bob, "dba")
    deeds.approve(dba, alice, reason="proceed with caution")
    deeds.comment(deeds.ask(bob, "staging-web"), alice)

    seen = browser(alice).read("/reviews/decided")

    assert "Bob dba Approved proceed with caution Pending 1 of 2" in seen.text
    assert "staging-web" not in seen.text
    assert "You have decided about nothing yet." in browser(ivan).read("/reviews/decided").text


def test_who_was_told_is_for_whoever_sees_the_channels(
    browser, bob, alice, dana, clock, django_capture_on_commit_callbacks
):
    mail = {"type": "email", "settings": {"sender": "access@example.com"}}
    cast.apply(cast.document("channel", "mail", mail))
    with django_capture_on_commit_callbacks(execute=True):
        request = deeds.ask(bob, "dba")
    assert Posting.objects.count() == 3

    told = "Still to be told through mail: Alice , Bob , Ivan"
    assert told in browser(dana).read(f"/requests/{request.pk}").text
    assert "through mail" not in browser(alice).read(f"/requests/{request.pk}").text

    Posting.objects.filter(recipient="ivan@example.com").update(
        state="FAILED", error="no such mailbox", next_at=None, settled_at=clock.now()
    )
    seen = browser(dana).read(f"/requests/{request.pk}")
    assert "it did not arrive: Ivan just now" in seen.text
    assert "no such mailbox" in seen.text
