"""What goes out to Teams, what is tried again, and what the channel's owner is told."""

import json
from datetime import timedelta

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.channels.teams import channel
from chatops.models import ChannelConfig, Posting, Route
from chatops.services import channels
from chatops.states import PostingState
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import posting, route
from tests.chatops.fakes.teams import APP, APP_SECRET, SECURITY, TENANT
from tests.chatops.teams_door import flow_channel, teams_channel
from tests.deeds import later

pytestmark = pytest.mark.django_db

TOKEN = f"POST /{TENANT}/oauth2/v2.0/token"


@pytest.fixture
def room(teams, everybody, clock, tell):
    """Requests go to one channel of a team, and people are not told by themselves."""
    cast.apply(
        teams_channel(teams, tell_people=False, link_by_email=False),
        route("cards", "teams", recipients=[SECURITY]),
    )
    tell()
    return teams


@pytest.fixture
def flow(teams, everybody, clock, tell):
    """Requests go through a flow."""
    cast.apply(flow_channel(teams), route("flow", "flow"))
    tell()
    return teams


def problem(name="teams"):
    return ChannelConfig.objects.get(name=name).problem


# --- tokens -------------------------------------------------------------------------------------


def test_a_token_is_used_until_it_ends(room, bob, tell):
    for role in ("dba", "staging-web"):
        deeds.ask(bob, role)
        tell()

    assert room.calls == [TOKEN, *["POST /teams/v3/conversations"] * 2]


def test_a_token_that_has_ended_is_asked_for_again(room, bob, tell):
    room.token_lasts = 1
    for role in ("dba", "staging-web"):
        deeds.ask(bob, role)
        tell()

    assert room.calls.count(TOKEN) == 2


def test_a_token_that_was_taken_back_is_replaced_at_once(room, bob, tell):
    deeds.ask(bob, "dba")
    tell()
    room.revoke_tokens()
    deeds.ask(bob, "staging-web")
    tell()

    assert room.calls.count(TOKEN) == 2
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_a_wrong_secret_is_said_to_the_channel_s_owner(room, bob, tell):
    cast.apply(teams_channel(room, tell_people=False, link_by_email=False, app_secret="old"))
    deeds.ask(bob, "dba")
    tell()

    assert posting().state == PostingState.FAILED
    assert problem() == "Microsoft Entra answered 401: invalid_client."


# --- whom ---------------------------------------------------------------------------------------


def test_people_are_told_by_themselves_only_if_that_is_said(room, bob, alice, tell):
    request = deeds.ask(bob, "dba")
    tell()
    deeds.deny(request, alice)
    tell()

    assert {one.recipient for one in Posting.objects.all()} == {SECURITY}


def test_a_flow_tells_nobody_by_themselves(flow, bob, tell):
    deeds.ask(bob, "dba")
    tell()

    assert posting().recipient == ""
    assert len(flow.flow) == 1


def test_a_person_is_found_by_the_address(room, bob, tell):
    room.hire("o'hara")
    cast.apply(route("cards", "teams", recipients=["O'Hara@example.com"]))
    deeds.ask(bob, "dba")
    tell()

    (own,) = room.with_person("o'hara")
    assert own.titles() == ["Approve", "Deny", "Open"]


def test_a_group_chat_gets_its_news_below_each_other(room, bob, alice, tell):
    chat = "19:abc_def@thread.v2"
    room.rooms.add(chat)
    cast.apply(route("cards", "teams", recipients=[chat]))
    request = deeds.ask(bob, "dba")
    tell()
    deeds.deny(request, alice)
    tell()

    card, *news = room.in_room(chat)
    assert card.lines()[1].startswith("⛔ Denied by Alice")
    assert [one.conversation for one in news] == [chat, chat]


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("eve@example.com", "Nobody has this e-mail address in the organisation's directory."),
        (
            "twin@example.com",
            "Several people have this e-mail address in the organisation's directory.",
        ),
        ("#security", "'#security' is neither the id of a conversation nor an e-mail address."),
        (
            "19:other@thread.tacv2",
            "Teams answered 403: the app is not in the conversation; add it there "
            "(BotNotInConversationRoster).",
        ),
        (
            "19:gone@thread.v2",
            "Teams answered 404: there is no such conversation, or the app is not in it "
            "(ConversationNotFound).",
        ),
        (
            "away@example.com",
            "Teams answered 403: the app is not installed for whoever it is for "
            "(ForbiddenOperationException).",
        ),
    ],
)
def test_what_cannot_arrive_is_said(room, bob, tell, recipient, said):
    room.hire("twin")
    room.hire("other", mail="twin@example.com")
    room.installed.discard(room.hire("away"))
    cast.apply(route("cards", "teams", recipients=[recipient]))
    deeds.ask(bob, "dba")
    tell()

    assert (posting().state, posting().error) == (PostingState.FAILED, said)
    assert problem() == ""  # the channel works
    assert room.posted == []


def test_a_route_that_names_nobody_is_said_to_the_channel_s_owner(room, bob, tell):
    cast.apply(route("cards", "teams"))
    deeds.ask(bob, "dba")
    tell()

    assert problem() == "The route names nobody to write to in Teams."


def test_without_the_permission_the_directory_is_not_read(staffed, bob, tell):
    staffed.will_answer(403, {"error": {"code": "Authorization_RequestDenied"}})
    deeds.ask(bob, "dba")
    tell()

    failed = Posting.objects.get(state=PostingState.FAILED)
    assert failed.error == (
        "Microsoft Graph answered 403: the app lacks the permission User.Read.All "
        "(Authorization_RequestDenied)."
    )


def test_a_route_to_a_flow_names_nobody(flow):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(route("flow", "flow", recipients=[SECURITY]))

    said = "The channel flow has no recipients: leave them out - at `spec.recipients`"
    assert refusal.value.detail.endswith(said)
    assert Route.objects.get().parsed().recipients == ()


# --- what goes on -------------------------------------------------------------------------------


def test_a_card_that_somebody_took_away_is_posted_anew(room, bob, alice, tell):
    request = deeds.ask(bob, "dba")
    tell()
    room.posted.clear()
    deeds.deny(request, alice)
    tell()

    assert room.in_room()[0].lines()[1].startswith("⛔ Denied by Alice")
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_a_card_that_teams_does_not_say_is_gone_is_posted_anew_as_well(room, bob, alice, tell):
    request = deeds.ask(bob, "dba")
    tell()
    deeds.deny(request, alice)
    room.will_answer(403, {"error": {"code": "ServiceError", "message": "Unknown"}})
    tell()

    assert len([one for one in room.in_room() if one.titles()]) == 2
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


@pytest.mark.parametrize(("wait", "asked"), [(30, "30"), (3600, "999999999999")])
def test_teams_is_left_alone_as_long_as_it_asks(room, bob, told, wait, asked):
    deeds.ask(bob, "dba")
    room.will_answer(429, {"error": {"code": "Throttled"}}, retry_after=asked)
    told(later(minutes=1))

    retry = posting()
    said = "Teams answered 429: too many messages (Throttled)."
    assert (retry.state, retry.error, problem()) == (PostingState.DUE, said, "")
    waited = (retry.next_at - later(minutes=1)).total_seconds()
    assert wait * 0.5 <= waited <= wait * 1.5 + 1


@pytest.mark.parametrize("status", [412, 500, 502, 504])
def test_what_passes_is_tried_again(room, bob, told, status):
    deeds.ask(bob, "dba")
    room.will_answer(status)
    told(later(minutes=1))
    assert posting().state == PostingState.DUE
    told(later(minutes=5))

    assert (posting().state, problem()) == (PostingState.SENT, "")


def test_a_lost_answer_is_asked_for_again(room, bob, told):
    deeds.ask(bob, "dba")
    room.loses = ["POST /teams/v3/conversations"]
    told(later(minutes=1))
    assert posting().state == PostingState.DUE
    told(later(minutes=5))

    assert posting().posted == f"{room.posted[-1].conversation}|{room.posted[-1].id}"


def test_an_answer_that_takes_too_long_is_asked_for_again(flow, bob, told, monkeypatch):
    monkeypatch.setattr(channel, "_FLOW_TIMEOUT", timedelta(milliseconds=50))
    flow.holds = True
    deeds.ask(bob, "dba")
    told(later(minutes=1))
    flow.holds = False

    assert posting().error == "127.0.0.1 did not answer within 0.05 seconds."
    told(later(minutes=5))
    assert posting().state == PostingState.SENT


@pytest.mark.parametrize("body", [["x"], {"id": 1}, {}])
def test_an_answer_that_cannot_be_read_is_tried_again(room, bob, told, body):
    deeds.ask(bob, "dba")
    room.will_answer(200, body)
    told(later(minutes=1))

    assert posting().error == "Teams answered with something unreadable."
    assert posting().state == PostingState.DUE


@pytest.mark.parametrize(
    ("status", "state"), [(404, PostingState.FAILED), (503, PostingState.DUE)]
)
def test_a_flow_that_does_not_take_it_is_never_named_by_its_url(flow, bob, told, status, state):
    deeds.ask(bob, "dba")
    flow.will_answer(status)
    told(later(minutes=1))

    assert (posting().state, posting().error) == (state, f"Power Automate answered {status}.")


# --- the channel --------------------------------------------------------------------------------


def sample(dana, name="teams"):
    return channels.send_sample(
        name=name, subject=subject_of(dana, at=NOON), by=actor_of(dana), at=NOON
    )


def test_a_sample_tries_the_secret_and_writes_to_nobody(room, dana):
    report = sample(dana)

    assert report.delivered
    assert report.detail == (
        "Microsoft Entra takes the app's secret. Routes name whom to write to."
    )
    assert room.posted == []


def test_a_sample_with_a_wrong_secret(room, dana):
    cast.apply(teams_channel(room, app_secret="wrong"))

    assert not sample(dana).delivered


def test_a_sample_through_a_flow_is_a_card(flow, dana):
    report = sample(dana, "flow")

    assert (report.delivered, report.detail) == (True, "Power Automate answered 202.")
    assert len(flow.flow) == 1


def test_its_secrets_are_sealed_and_never_shown(room, flow):
    bot, way = ChannelConfig.objects.get(name="teams"), ChannelConfig.objects.get(name="flow")

    kept = json.dumps(
        [bot.settings, way.settings, *AuditEvent.objects.values_list("data", flat=True)]
    )
    assert APP_SECRET not in kept
    assert "geheim" not in kept
    shown = channels.shown_settings(bot)
    assert (shown["app_id"], shown["app_secret"]) == (APP, "stored")
    assert channels.shown_settings(way)["webhook_url"] == "stored"


_EITHER = "There is a webhook_url, or app_id, app_secret and tenant_id."


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"app_secret": ""}, "A secret is"),
        ({"app_secret": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"app_id": "access-plane"}, "`spec.settings.app_id`"),
        ({"tenant_id": "contoso.onmicrosoft.com"}, "`spec.settings.tenant_id`"),
        ({"webhook_url": "https://flow.example/"}, _EITHER),
        ({"service_url": "ftp://x/"}, "`spec.settings`"),
        ({"openid_url": "x"}, "`spec.settings`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_a_wrong_bot_is_refused(teams, everybody, wrong, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(teams_channel(teams, **wrong))

    assert said in refusal.value.detail
    assert not ChannelConfig.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"webhook_url": "flow.example"}, "A URL begins with"),
        ({"webhook_url": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"tell_people": True}, "there is no tell_people"),
        ({"link_by_email": True}, "no link_by_email"),
        ({"tenant_id": TENANT}, _EITHER),
    ],
)
def test_a_wrong_flow_is_refused(teams, everybody, wrong, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(flow_channel(teams, **wrong))

    assert said in refusal.value.detail
    assert not ChannelConfig.objects.exists()
