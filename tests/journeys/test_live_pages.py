"""Open pages follow what others do, on a real plane and in real browsers, without a reload."""

import pytest
from playwright.sync_api import expect

from tests import browsing
from tests.streams import Stage

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
# How fast it is, `bench/` measures; here it must come, on however busy a machine.
PATIENCE = 10_000  # milliseconds


@pytest.fixture(scope="module")
def stage(tmp_path_factory, prepared):
    """One plane for all tests of this module."""
    stage = Stage(tmp_path_factory.mktemp("plane"), prepared)
    stage.note()
    yield stage
    stage.end()


@pytest.fixture(autouse=True)
def nothing_stays(stage):
    """What a test asked for, or was given, is taken back: the next may ask for the same."""
    yield
    for kind, filters, end in (
        ("access-requests", "requester=bob@example.com&state=PENDING", "cancel"),
        ("grants", "user=bob@example.com&in_force=true", "end"),
    ):
        for found in stage.call("bob", "GET", f"{kind}/?{filters}")["results"]:
            stage.call("bob", "POST", f"{kind}/{found['id']}/{end}/", {})


@pytest.fixture
def pages(stage, chromium):
    """`pages("bob", "/")`: a page in a browser of his own, once it is connected."""

    def open_page(who, path):
        context = chromium.new_context(base_url=stage.origin)
        session = {"name": "sessionid", "value": stage.cast[who].session}
        context.add_cookies([session | {"url": stage.origin}])
        page = context.new_page()
        with page.expect_websocket() as opened:
            page.goto(path)
        page.evaluate("window.isTheSame = true")
        assert "/ws/live/" in opened.value.url
        return page

    return open_page


def ask(stage, reason, roles=("dba",)):
    wish = {"roles": list(roles), "reason": reason}
    return stage.call("bob", "POST", "access-requests/", wish)["id"]


def review(stage, who, request, decision="APPROVE"):
    path = f"access-requests/{request}/reviews/"
    stage.call(who, "POST", path, {"decision": decision, "reason": f"{who} says so"})


def is_the_same(page):
    """Whether it was never loaded again."""
    return page.evaluate("window.isTheSame === true")


def test_two_who_decide_at_once_see_each_other_s_review(stage, pages):
    request = ask(stage, "both of you")
    alice, ivan, bob = (pages(who, f"/requests/{request}") for who in ("alice", "ivan", "bob"))

    review(stage, "alice", request)
    for page in (ivan, bob):
        expect(page.locator("#what-happened")).to_contain_text(
            "alice says so", timeout=PATIENCE
        )
    review(stage, "ivan", request)
    for page in (alice, bob):
        expect(page.locator("#state")).to_contain_text("Approved", timeout=PATIENCE)
    expect(bob.locator("#access")).to_contain_text("Give back", timeout=PATIENCE)
    assert all(map(is_the_same, (alice, ivan, bob)))


def test_the_inbox_and_its_count_follow(stage, pages):
    ivan = pages("ivan", "/reviews")

    request = ask(stage, "a new one for the inbox", ["staging-db"])

    expect(ivan.locator("#inbox")).to_contain_text("a new one for the inbox", timeout=PATIENCE)
    review(stage, "alice", request, "DENY")
    expect(ivan.locator("#inbox")).not_to_contain_text(
        "a new one for the inbox", timeout=PATIENCE
    )
    assert is_the_same(ivan)


def test_rows_come_and_go_around_the_focus_the_choice_and_what_is_written(stage, pages):
    first, second = (ask(stage, f"row {n}", [f"staging-{n}"]) for n in ("db", "web"))
    ivan = pages("ivan", "/reviews")
    row = {pk: ivan.locator(f"#row-{pk}") for pk in (first, second)}
    row[second].get_by_role("checkbox").check()
    row[first].get_by_role("link").click()
    ivan.keyboard.press("a")
    reason = ivan.get_by_role("dialog").get_by_label("Reason")
    reason.fill("not yet fin")

    third = ask(stage, "a third one", ["dba"])
    expect(ivan.locator(f"#row-{third}")).to_contain_text("a third one", timeout=PATIENCE)
    review(stage, "alice", second, "COMMENT")
    ivan.keyboard.type("ished")
    expect(reason).to_have_value("not yet finished")
    expect(row[second].get_by_role("checkbox")).to_be_checked()
    ivan.keyboard.press("Escape")
    ivan.locator(f"#row-{third}").get_by_role("link").focus()

    review(stage, "alice", third, "DENY")
    expect(ivan.locator(f"#row-{third}")).to_have_count(0, timeout=PATIENCE)
    expect(ivan.locator("#inbox li").last.get_by_role("link")).to_be_focused()
    expect(row[second].get_by_role("checkbox")).to_be_checked()
    for pk in (first, second):
        review(stage, "alice", pk, "DENY")
    expect(row[first]).to_have_count(0, timeout=PATIENCE)
    expect(ivan.locator("#judged-facts")).to_contain_text("Denied")
    expect(ivan.locator("#inbox-empty")).to_contain_text("Nothing waits for you.")
    assert is_the_same(ivan)


def test_home_follows_what_is_asked_and_what_is_given(stage, pages):
    bob, ivan = pages("bob", "/"), pages("ivan", "/")

    request = ask(stage, "at home", ["staging-web"])
    expect(bob.locator("#asking")).to_contain_text("can decide", timeout=PATIENCE)
    expect(ivan.locator("#for-me")).to_contain_text("at home", timeout=PATIENCE)
    review(stage, "alice", request)
    expect(bob.locator("#holding")).to_contain_text("Extend", timeout=PATIENCE)
    expect(ivan.locator("#for-me")).not_to_contain_text("at home", timeout=PATIENCE)
    assert is_the_same(bob)


def test_what_somebody_is_writing_is_not_taken_away(stage, pages):
    request = ask(stage, "slowly", ["staging-web"])
    ivan = pages("ivan", f"/requests/{request}")
    reason = ivan.get_by_label("Reason").first
    reason.fill("I am still thinking about")

    review(stage, "alice", request, "DENY")

    expect(ivan.get_by_text("This changed while you were writing")).to_be_visible(
        timeout=PATIENCE
    )
    expect(ivan.locator("#state")).to_contain_text("Denied")
    expect(reason).to_have_value("I am still thinking about")
    ivan.get_by_role("button", name="Show it").click()
    expect(reason).to_have_count(0)


def test_a_page_says_that_it_is_not_connected_and_that_it_is_again(stage, pages):
    mallory = pages("mallory", "/")
    context = mallory.context
    context.set_offline(True)
    mallory.evaluate("dispatchEvent(new Event('online'))")

    expect(mallory.get_by_text("Not connected")).to_be_visible(timeout=PATIENCE)
    context.set_offline(False)
    mallory.evaluate("dispatchEvent(new Event('online'))")
    expect(mallory.get_by_text("Not connected")).to_be_hidden(timeout=PATIENCE)


def test_a_page_of_somebody_who_signs_out_elsewhere_says_so(stage, pages):
    carol = pages("carol", "/")

    stage.sign_out("carol")

    expect(carol.get_by_text("You are signed out.")).to_be_visible(timeout=PATIENCE)


def test_bob_asks_two_agree_and_he_gives_it_back_without_anybody_reloading(stage, pages):
    alice, ivan = pages("alice", "/reviews"), pages("ivan", "/reviews")
    bob = pages("bob", "/requests/new")

    bob.get_by_label("dba").check()
    expect(bob.locator("#foreseen")).to_contain_text("Alice and Ivan must agree.")
    bob.get_by_label("Reason").fill("ticket #123: the queue is stuck")
    with bob.expect_websocket():
        bob.get_by_role("button", name="Request access").click()
    expect(bob.locator("#state")).to_contain_text("Pending")
    bob.evaluate("window.isTheSame = true")

    for page in (alice, ivan):
        expect(page.locator("#inbox")).to_contain_text("the queue is stuck", timeout=PATIENCE)
    alice.locator("#inbox a").focus()
    alice.keyboard.press("a")
    expect(alice.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    alice.keyboard.type("proceed with caution")
    alice.keyboard.press("Control+Enter")
    expect(bob.locator("#what-happened")).to_contain_text("with caution", timeout=PATIENCE)

    ivan.locator("#inbox a").click()
    ivan.locator("#judged summary.primary").click()
    ivan.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(bob.locator("#state")).to_contain_text("Approved", timeout=PATIENCE)
    expect(bob.locator("#access")).to_contain_text("ends in 7 hours 59", timeout=PATIENCE)
    for page in (alice, ivan):
        waiting = page.locator("#inbox", has_text="is stuck")
        expect(waiting).to_have_count(0, timeout=PATIENCE)

    bob.locator("#access").get_by_role("button", name="Give back").click()
    bob.get_by_role("dialog").get_by_role("button", name="Give back").click()
    expect(bob.locator("#access")).to_contain_text("Ended", timeout=PATIENCE)
    assert all(map(is_the_same, (alice, ivan)))
