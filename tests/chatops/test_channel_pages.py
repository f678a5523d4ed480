"""Setting a channel up on its pages, trying it, and saying what goes through it."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from chatops.models import ChannelConfig, Route
from chatops.services import channels, setting_up
from tests import cast
from tests.chatops.conftest import SECRET, channel
from tests.chatops.fakes.slack import BOT_TOKEN, SIGNING_SECRET
from tests.chatops.slack_door import slack_channel
from tests.web.reading import Browser
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(dana):
    """Dana, who may change channels, in a browser."""
    return browser(dana)


def browser(user):
    """A browser in which the user has signed in."""
    found = Browser(Client())
    found.client.force_login(user)
    return found


def keeper(*verbs: str):
    """Mallory with these verbs on channels and routes."""
    rules = [{"resources": ["channel", "route"], "verbs": list(verbs)}]
    cast.apply(
        cast.role("keeper", allow={"rules": rules}), cast.person("mallory", roles=["keeper"])
    )
    return cast.called("mallory")


def page(name: str, *more: str) -> str:
    return "/".join(["/channels", str(ChannelConfig.objects.get(name=name).pk), *more])


def slack_form(space, **changed) -> dict[str, str]:
    return {
        "name": "slack",
        "set_bot_token": BOT_TOKEN,
        "set_signing_secret": SIGNING_SECRET,
        "set_link_by_email": "on",
        "set_api_url": space.url,
        "active": "on",
    } | changed


# --- setting up ---------------------------------------------------------------------------------


def test_a_channel_is_set_up_by_a_form(root, everybody, slack_space):
    assert "Slack" in root.read("/channels").text
    assert "Bot token" in root.read("/channels/add/slack").text

    seen = root.send("/channels/add/slack", **slack_form(slack_space))

    assert "Saved." in seen.text
    made = ChannelConfig.objects.get()
    assert (made.name, made.type, made.is_active) == ("slack", "slack", True)
    assert made.settings["link_by_email"] is True
    event = AuditEvent.objects.get(type="channel.created")
    assert (event.actor_name, event.actor_via) == ("dana@example.com", "web")
    for secret in (BOT_TOKEN, SIGNING_SECRET):
        assert secret not in seen.source
        assert secret not in str(event.data)


def test_where_the_service_calls_is_said(root, everybody, pager):
    text = root.read("/channels/add/pagerduty").text

    assert "http://127.0.0.1:8000/chatops/pagerduty/webhook" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"set_bot_token": ""}, "This field is required."),
        ({"set_bot_token": "env:DATABASE_URL"}, "belongs to the plane itself"),
        ({"set_api_url": "ftp://slack.com/"}, "http"),
        ({"name": "a/b"}, "is no name"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    root, everybody, slack_space, changed, said
):
    with nothing_happens():
        seen = root.send("/channels/add/slack", **slack_form(slack_space, **changed))

    assert seen.status == 400
    assert said in seen.text
    assert f'value="{changed.get("name", "slack")}"' in seen.source
    assert SIGNING_SECRET not in seen.source
    assert not ChannelConfig.objects.exists()


def test_a_new_channel_takes_nobody_s_name(root, everybody, slack_space, hook):
    with nothing_happens():
        seen = root.send("/channels/add/slack", **slack_form(slack_space, name="hook"))

    assert "There is a channel of this name." in seen.text
    assert ChannelConfig.objects.get().type == "webhook"


def test_values_are_written_as_in_documents(root, everybody, pager):
    form = {
        "name": "pages",
        "set_api_key": "k" * 20,
        "set_from": "plane@example.com",
        "set_webhook_secret": "s" * 20,
        "set_urgency": "low",
        "set_approve_on": "acknowledged: approve",
        "set_api_url": pager.url,
        "active": "on",
    }
    assert (
        root.send("/channels/add/pagerduty", **form | {"set_approve_on": "a: [b"}).status == 400
    )

    root.send("/channels/add/pagerduty", **form)

    kept = ChannelConfig.objects.get().settings
    assert kept["approve_on"] == {"acknowledged": "approve"}
    assert (kept["urgency"], kept["link_by_email"]) == ("low", False)


def test_every_type_has_its_form(root, everybody):
    types = [kind.name for kind in setting_up.types()]
    assert len(types) >= 7

    for name in types:
        seen = root.read(f"/channels/add/{name}")
        assert seen.status == 200
        for setting in setting_up.type_named(name).settings:
            assert f'name="set_{setting.name}"' in seen.source


def test_there_is_no_form_for_a_type_that_there_is_not(root, everybody):
    assert root.read("/channels/add/telegraph").status == 404


# --- changing -----------------------------------------------------------------------------------


def test_a_secret_that_is_left_empty_stays(root, everybody, slack_space):
    cast.apply(slack_channel(slack_space))
    form = root.read(page("slack", "edit"))
    assert "Now: stored" in form.text
    assert BOT_TOKEN not in form.source

    changed = slack_form(slack_space, set_bot_token="", set_signing_secret="")
    root.send(page("slack", "edit"), **changed | {"description": "For all of us"})

    found = ChannelConfig.objects.get()
    assert found.description == "For all of us"
    assert channels.kept_secrets(found)["bot_token"] == BOT_TOKEN
    assert AuditEvent.objects.get(type="channel.updated").data["changed"] == ["description"]


def test_a_secret_goes_nowhere_else_without_being_known(root, everybody, slack_space):
    cast.apply(slack_channel(slack_space))
    elsewhere = slack_form(
        slack_space,
        set_bot_token="",
        set_signing_secret="",
        set_api_url="https://evil.example/api/",
    )

    with nothing_happens():
        seen = root.send(page("slack", "edit"), **elsewhere)

    assert seen.status == 400
    assert "it would be sent elsewhere" in seen.text
    assert ChannelConfig.objects.get().settings["api_url"] == slack_space.url


def test_a_channel_keeps_its_name(root, everybody, hook):
    root.send(
        page("hook", "edit"), name="other", set_url=hook.url, active="on", description="x"
    )

    assert [found.name for found in ChannelConfig.objects.all()] == ["hook"]


def test_a_channel_is_switched_off(root, everybody, hook):
    root.send(page("hook", "edit"), set_url=hook.url)

    assert ChannelConfig.objects.get().is_active is False
    assert AuditEvent.objects.filter(type="channel.archived").exists()
    assert "Off" in root.read("/channels").text


# --- trying it ----------------------------------------------------------------------------------


def test_a_sample_reaches_whoever_asks_for_it(root, everybody, slack_space):
    slack_space.hire("dana")
    cast.apply(slack_channel(slack_space))
    assert 'value="dana@example.com"' in root.read(page("slack")).source

    seen = root.send(page("slack", "sample"), to="dana@example.com")

    assert "The sample was delivered" in seen.text
    (message,) = slack_space.messages
    assert "A sample from Access Plane" in str(message)


def test_a_sample_that_fails_says_why(root, everybody, hook):
    hook.will_answer(500)

    seen = root.send(page("hook", "sample"))

    assert "The sample was not delivered. 127.0.0.1 answered 500." in seen.text


def test_a_problem_stands_above_its_channel(root, everybody, hook, clock):
    ChannelConfig.objects.update(problem="The service says no.", problem_at=clock.now())

    assert "The service says no." in root.read(page("hook")).text
    assert "Problem" in root.read("/channels").text


# --- routes -------------------------------------------------------------------------------------


def test_a_route_is_added_and_changed(root, everybody, slack_space):
    cast.apply(slack_channel(slack_space))
    form = {
        "name": "databases",
        "recipients": "#security\n\nalice@example.com",
        "roles": "db-*\ndba",
        "after": "30m",
        "active": "on",
    }

    seen = root.send(page("slack", "routes", "add"), **form)

    assert "After 30m without a decision" in seen.text
    route = Route.objects.get()
    assert route.spec["recipients"] == ["#security", "alice@example.com"]
    assert route.spec["roles"] == ["db-*", "dba"]
    assert (route.spec["after"], route.spec["events"]) == ("30m", [])
    form |= {"after": "", "quiet": "- {days: [sat, sun]}", "name": "another"}
    root.send(f"/routes/{route.pk}", **form)
    route.refresh_from_db()
    assert (route.name, route.spec["after"]) == ("databases", None)
    assert len(route.spec["quiet"]) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"after": "soon"}, "such as"),
        ({"when": "request."}, "condition"),
        ({"events": "nothing.at.all"}, "There are no events"),
        ({"quiet": "[a"}, "no YAML"),
        ({"name": ""}, "required"),
    ],
)
def test_a_wrong_route_is_refused_at_its_field(root, everybody, slack_space, changed, said):
    cast.apply(slack_channel(slack_space))

    with nothing_happens():
        form = {"name": "r", "recipients": "#security", "active": "on"}
        seen = root.send(page("slack", "routes", "add"), **form | changed)

    assert seen.status == 400
    assert said in seen.text
    assert not Route.objects.exists()


# --- who ----------------------------------------------------------------------------------------


def test_to_everybody_else_there_are_no_such_pages(bob, hook):
    bobs = browser(bob)
    route = Route.objects.get()

    for path in ("/channels", "/channels/add/slack", page("hook"), page("hook", "edit")):
        assert bobs.read(path).status == 404
    with nothing_happens():
        for path in (
            "/channels/add/webhook",
            page("hook", "edit"),
            page("hook", "sample"),
            page("hook", "routes", "add"),
            f"/routes/{route.pk}",
        ):
            assert bobs.send(path, name="x", set_url=hook.url, set_secret=SECRET).status == 404
    assert hook.calls == []


def test_who_only_reads_changes_and_sends_nothing(hook):
    reader = browser(keeper("read"))
    route = Route.objects.get()
    seen = reader.read(page("hook"))
    assert (seen.status, seen.has_button("Send me a sample")) == (200, False)
    form = {"name": "x", "set_url": hook.url, "set_secret": SECRET, "active": "on"}

    with nothing_happens():
        for path in (page("hook", "edit"), "/channels/add/webhook", f"/routes/{route.pk}"):
            assert reader.send(path, **form | {"description": "mine"}).status == 403
        assert reader.send(page("hook", "sample")).status == 403
    assert reader.read("/channels/add/webhook").status == 403
    assert hook.calls == []


def test_the_list_asks_as_much_of_many_channels(
    root, everybody, hook, django_assert_max_num_queries
):
    for number in range(20):
        cast.apply(channel(f"hook-{number}", hook.url))

    with django_assert_max_num_queries(12):
        assert root.read("/channels").text.count("hook-") == 20
