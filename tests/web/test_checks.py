"""Checks on the pages: of a request, of its preview, and of each workflow."""

from datetime import timedelta

import pytest

from policy.verdicts import Effect, Verdict
from requests_app.models import Check
from reviews.services import checking
from tests import cast, deeds
from tests.cast import actor_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def workflow(name: str, **spec) -> dict:
    about = {"name": name, "description": spec.pop("description", "")}
    return {"kind": "workflow", "version": "v1", "metadata": about, "spec": spec}


@pytest.fixture
def ticket(everybody):
    """A bot of Dana's judges requests for dba; an answer may take five minutes."""
    cast.apply(
        cast.person("clerk", bot=True, owner="dana@example.com"),
        workflow("ticket", engine="bot", bot="clerk@example.com", roles=["dba"]),
    )
    return cast.called("clerk")


@pytest.fixture
def freeze(everybody):
    cast.apply(
        workflow(
            "freeze",
            engine="expression",
            expression='request.reason != "no"',
            description="Nothing is opened now.",
        )
    )


def answer(request, bot, effect: Effect, reason: str, *, at) -> None:
    checking.report_verdict(
        request_id=request.pk,
        workflow="ticket",
        bot=bot,
        verdict=Verdict(effect, reason),
        by=actor_of(bot),
        at=at,
    )


def test_a_request_shows_its_checks_in_words(browser, bob, ticket, freeze, clock):
    request = deeds.ask(bob, "dba", reason="#1")

    seen = browser(bob).read(f"/requests/{request.pk}")

    assert 'data-state="PASSED"' in seen.source
    assert "ticket Pending" in seen.text
    assert "freeze Passed" in seen.text
    assert "The check freeze passed just now" in seen.text


@pytest.mark.parametrize(
    ("effect", "word", "line"),
    [
        (Effect.ALLOW, "Passed", "it passed"),
        (Effect.DENY, "Failed", "it failed"),
        (Effect.ABSTAIN, "Skipped", "it had nothing to say"),
    ],
)
def test_what_a_bot_said_is_told(browser, bob, ticket, clock, noon, effect, word, line):
    request = deeds.ask(bob, "dba")
    answer(request, ticket, effect, "the ticket says so", at=noon)

    seen = browser(bob).read(f"/requests/{request.pk}")

    assert f"ticket {word} the ticket says so" in seen.text
    assert f"Clerk answered the check ticket: {line}" in seen.text


def test_a_check_without_an_answer_says_what_went_wrong(browser, bob, ticket, clock):
    request = deeds.ask(bob, "dba")
    check = Check.objects.get()
    checking.ask(check_id=check.pk, clock=lambda: clock.move(minutes=5))

    seen = browser(bob).read(f"/requests/{request.pk}")

    assert "There was no answer in time." in seen.text
    assert "The request waits for the check ticket" in seen.text


def test_it_is_said_when_it_is_tried_next(browser, bob, ticket, clock, noon):
    request = deeds.ask(bob, "dba")
    Check.objects.update(
        problem="It cannot be reached.", tries=2, next_at=noon + timedelta(minutes=3)
    )

    seen = browser(bob).read(f"/requests/{request.pk}")

    assert "It cannot be reached. Tried 2 times, next in 3 minutes" in seen.text


def test_a_reason_is_told_once_where_a_check_denies(browser, bob, freeze, clock):
    seen = browser(bob).send("/requests/new", roles=["dba"], reason="no")

    assert "Your request was denied at once." in seen.text
    timeline = seen.text.partition("What happened")[2]
    assert timeline.count("Nothing is opened now.") == 1
    assert "The check freeze failed" in timeline
    assert "The request is denied" in timeline


def test_what_is_settled_needs_no_answer_any_more(browser, bob, alice, ticket, clock):
    request = deeds.ask(bob, "dba")
    deeds.deny(request, alice)

    assert "No answer is needed any more." in browser(bob).read(f"/requests/{request.pk}").text


def test_a_preview_shows_the_checks(browser, bob, ticket, freeze):
    seen = browser(bob).send("/requests/new", roles=["dba"], reason="no", preview="1")

    assert "The check freeze says no: Nothing is opened now." in seen.text
    assert "The check ticket must pass." in seen.text
    assert not Check.objects.exists()


# --- the workflows themselves -----------------------------------------------------------------------


@pytest.fixture
def webhook(everybody):
    cast.apply(
        workflow(
            "device",
            engine="webhook",
            url="https://policy.example.com/check",
            secret=SECRET,
            roles=["dba", "staging-*"],
            when='contains(requester.traits["team"], "payments")',
            during=[
                {
                    "days": ["mon", "tue", "wed", "thu", "fri"],
                    "from": "08:00",
                    "to": "18:00",
                    "timezone": "Europe/Berlin",
                }
            ],
            timeout="10m",
            on_failure="deny",
            description="Asks the device inventory.",
        )
    )


def test_workflows_are_listed_and_off_ones_last(browser, auditor, ticket, webhook):
    off = workflow("a-first", engine="expression", expression="true", active=False)
    cast.apply(off)

    seen = browser(auditor).read("/workflows")

    assert "Requests for dba or staging-*, on a condition, at certain times" in seen.text
    assert seen.text.index("device") < seen.text.index("ticket") < seen.text.index("a-first")
    assert 'href="/workflows/device"' in seen.source


def test_a_workflow_says_in_words_how_it_is_asked_and_tells_no_secret(
    browser, auditor, webhook
):
    seen = browser(auditor).read("/workflows/device")

    assert "Asks the device inventory." in seen.text
    assert 'contains(requester.traits["team"], "payments")' in seen.text
    assert "Monday to Friday from 08:00 to 18:00, Europe/Berlin" in seen.text
    assert "sent to https://policy.example.com/check, signed." in seen.text
    assert "An answer may take 10 minutes. Without one, the request is denied." in seen.text
    for page in ("/workflows/device", "/workflows"):
        assert "whsec" not in browser(auditor).read(page).source
        assert SECRET[6:] not in browser(auditor).read(page).source


def test_its_last_checks_are_those_of_requests_that_the_viewer_sees(
    browser, bob, auditor, ticket, clock, noon
):
    request = deeds.ask(bob, "dba")
    answer(request, ticket, Effect.ALLOW, "it is open", at=noon)
    cast.apply(
        cast.role("reader", allow={"rules": [{"resources": ["workflow"], "verbs": ["read"]}]}),
        cast.person("mallory", roles=["reader"]),
    )

    seen = browser(auditor).read("/workflows/ticket")
    unseen = browser(cast.called("mallory")).read("/workflows/ticket")

    assert "bob@example.com dba" in seen.text
    assert "it is open" in seen.text
    assert f'href="/requests/{request.pk}"' in seen.source
    assert unseen.status == 200
    assert "It has judged nothing that you may see." in unseen.text
    assert str(request.pk) not in unseen.source


def test_the_last_twenty_are_shown_newest_first(browser, bob, auditor, ticket, clock):
    cast.apply(workflow("ticket", engine="bot", bot="clerk@example.com", roles=["*"]))
    cast.apply(*(cast.role(f"staging-{n}") for n in range(21)))
    for n in range(21):
        deeds.ask(bob, f"staging-{n}", at=clock.move(minutes=1))

    seen = browser(auditor).read("/workflows/ticket")

    assert seen.source.count('data-state="PENDING"') == 20
    assert "staging-20" in seen.text
    assert "staging-0 " not in seen.text
    assert seen.text.index("staging-20") < seen.text.index("staging-1 ")


def test_the_navigation_names_them_for_those_who_may_read_them(browser, bob, auditor, webhook):
    link = 'href="/workflows"'
    for path in ("/", "/reviews", "/requests/new", "/explain"):
        assert link in browser(auditor).read(path).source
        assert link not in browser(bob).read(path).source
    assert browser(bob).read("/workflows").status == 404
    assert browser(bob).read("/workflows/device").status == 404
    assert browser(auditor).read("/workflows/nothing").status == 404
