"""A channel of mails, as a document describes it, and a sample of what it sends."""

import pytest

from chatops.channels import registry
from chatops.models import ChannelConfig
from tests.chatops.conftest import mail_channel

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "access",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "Plane <access>",
        "Plane <a@example.com> more",
        "a@example.com" + "x" * 128,
    ],
)
def test_a_sender_is_one_address(as_, dana, everybody, sender):
    answer = as_(dana).post("apply/", [mail_channel("post", sender=sender)])

    assert answer.status_code == 400
    assert "sender" in answer.json()["detail"]
    assert not ChannelConfig.objects.exists()


@pytest.mark.parametrize(
    "sender", ["access@example.com", "Access Plane <access@example.com>", "Zugänge <a@b.de>"]
)
def test_a_sender_may_have_a_name(as_, dana, everybody, sender):
    answer = as_(dana).post("apply/", [mail_channel("post", sender=sender)])

    assert answer.status_code == 200
    shown = as_(dana).get("channels/post/").json()["settings"]
    assert shown == {"sender": sender, "require_sign_in": True}


def test_a_sample_goes_to_whoever_asks_for_it(as_, dana, post):
    answer = as_(dana).post("channels/post/test/")

    assert answer.json() == {
        "delivered": True,
        "detail": "A mail is on its way to dana@example.com.",
    }
    (mail,) = post.mails
    assert mail.recipients == ["dana@example.com"]
    assert "If you can read this, the channel works." in mail.text


def test_it_is_a_type_of_channel():
    assert registry.type_named("email").reaches_people
