"""A role, for people who read it."""

import pytest

from audit import services
from tests import cast, deeds


@pytest.fixture
def titled(everybody, clock):
    """dba says what it opens; a role that nobody of the cast may see exists."""
    document = cast.role("dba", allow={"db_roles": ["dba"], "logins": ["postgres"]})
    document["metadata"] |= {
        "description": "Read and write on every database.",
        "labels": {"title": "Database administrator", "risk": "high"},
    }
    cast.apply(document, cast.role("vault", allow={"logins": ["vault"]}))


def test_a_list_holds_what_one_holds_and_may_request(browser, bob, titled):
    text = browser(bob).read("/roles").text

    assert "Database administrator dba" in text
    assert "Read and write on every database." in text
    assert "developer" in text
    assert "vault" not in text
    assert "The roles that you hold or may request" in text


def test_whoever_reads_roles_sees_them_all(browser, auditor, titled):
    text = browser(auditor).read("/roles").text

    assert "vault" in text
    assert "You may request it" not in text


@pytest.mark.parametrize("words", ["ADMINISTRATOR", "every database", "dba"])
def test_words_are_looked_for_in_title_name_and_description(browser, carol, bob, words, titled):
    source = browser(bob).read(f"/roles?q={words}").source

    assert 'href="/roles/dba"' in source
    assert 'href="/roles/developer"' not in source
    assert 'href="/roles/dba"' not in browser(carol).read(f"/roles?q={words}").source


def test_the_list_narrows_to_what_one_may_request(browser, bob, titled):
    source = browser(bob).read("/roles?show=requestable").source

    assert 'href="/roles/dba"' in source
    assert 'href="/roles/developer"' not in source


def test_no_role_is_like_this(browser, bob, titled):
    assert "No role that you may see is like this" in browser(bob).read("/roles?q=xyzzy").text


def test_whoever_holds_nothing_is_told_what_to_do(browser, mallory):
    assert "Ask whoever looks after the plane" in browser(mallory).read("/roles").text


def test_a_role_that_one_may_not_see_does_not_exist(browser, bob, mallory, titled):
    assert browser(bob).read("/roles/vault").status == 404
    assert browser(mallory).read("/roles/dba").status == 404
    assert browser(bob).read("/roles/nothing").status == 404


def test_what_it_opens_and_what_it_takes(browser, bob, titled):
    seen = browser(bob).read("/roles/dba")

    assert "Database administrator" in seen.text
    assert "Logins on servers postgres" in seen.text
    assert "You have it for at most 8 hours." in seen.text
    assert "Holders of developer" in seen.text
    assert "2 people must agree." in seen.text
    assert "Alice, Ivan" in seen.text
    assert 'class="button primary" href="/requests/new?role=dba"' in seen.source


def test_who_may_not_request_is_offered_nothing(browser, auditor, titled):
    seen = browser(auditor).read("/roles/dba")

    assert "/requests/new?role=" not in seen.source
    assert "If you request it" not in seen.text
    assert "Alice, Ivan" in seen.text
    assert "Never, whatever else they hold: holders of contractor" in seen.text


def test_a_pattern_is_explained(browser, bob, titled):
    text = browser(bob).read("/roles/staging-web").text

    assert "Because it says staging-* , which means this role too." in text


def test_others_learn_nothing_of_who_decides(browser, carol, titled):
    """Carol holds contractor; she may neither request nor review it, and sees no people."""
    text = browser(carol).read("/roles/contractor").text

    assert "Who decides" not in text


def test_many_reviewers_are_counted(browser, bob, titled):
    cast.apply(*(cast.person(f"reviewer-{n}", roles=["dba-reviewer"]) for n in range(10)))

    assert "and 4 more" in browser(bob).read("/roles/dba").text


def test_who_holds_it_is_for_those_who_see_people_and_grants(
    browser, bob, alice, carol, auditor, titled, clock
):
    cast.apply(cast.person("carol", roles=["contractor", "dba"]))
    deeds.granted_dba(bob)

    assert "Carol all the time" in browser(auditor).read("/roles/dba").text
    assert "Bob until Mon 2 Mar 2026, 20:00 UTC" in browser(auditor).read("/roles/dba").text
    bobs = browser(bob).read("/roles/dba").text
    assert "Bob until" in bobs
    assert "Carol" not in bobs

    clock.move(hours=9)
    assert "Nobody whom you may see." in browser(bob).read("/roles/dba").text


def test_a_grant_whose_start_has_come_is_held(browser, bob, auditor, titled, clock, noon):
    deeds.granted_dba(bob, start_time=deeds.later(hours=1))
    assert "Bob until" not in browser(auditor).read("/roles/dba").text

    clock.move(hours=2)

    assert "Bob until" in browser(auditor).read("/roles/dba").text


def test_it_is_held_for_whoever_sees_grants_and_no_requests(
    browser, bob, mallory, titled, clock
):
    rules = [{"resources": ["grant", "role"], "verbs": ["read"]}]
    cast.apply(
        cast.role("half", allow={"rules": rules}), cast.person("mallory", roles=["half"])
    )
    deeds.granted_dba(bob, start_time=deeds.later(hours=1))

    clock.move(hours=2)

    assert "Bob until" in browser(mallory).read("/roles/dba").text


def test_its_requests_are_those_that_one_may_see(browser, bob, carol, auditor, titled):
    deeds.ask(bob, "staging-web", reason="the header")
    deeds.ask(carol, "staging-web", reason="the footer")

    assert "the footer" in browser(auditor).read("/roles/staging-web").text
    carols = browser(carol).read("/roles/staging-web").text
    assert "the footer" in carols
    assert "the header" not in carols


def test_changes_of_its_document_come_from_the_log(browser, bob, titled, clock):
    cast.apply(cast.role("dba", allow={"db_roles": ["dba"]}, options={"max_session_ttl": "1h"}))
    services.drain(at=clock.now())

    text = browser(bob).read("/roles/dba").text

    assert "The command tests changed the role dba" in text
    assert "allow.logins is gone; it was ['postgres']" in text
    assert "options.max_session_ttl is new: 1h" in text


def test_a_name_with_every_letter_has_its_page(browser, auditor, everybody, clock):
    cast.apply(cast.role("prod/db:main@eu-1.x_y"))

    assert 'href="/roles/prod/db:main@eu-1.x_y"' in browser(auditor).read("/roles").source
    assert browser(auditor).read("/roles/prod/db%3Amain%40eu-1.x_y").status == 200


def test_a_role_that_nobody_may_request_or_review_says_so(browser, dana, titled):
    text = browser(dana).read("/roles/vault").text

    assert "Nobody: no role lets its holders ask for it." in text
    assert "Nobody may review requests for it now." in text
