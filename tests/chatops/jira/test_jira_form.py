"""A channel into Jira is set up by its form as well."""

import pytest
from django.test import Client

from chatops.models import ChannelConfig
from chatops.services import channels
from tests.chatops.fakes.jira import SECRET, TOKEN
from tests.web.reading import Browser

pytestmark = pytest.mark.django_db


def test_a_channel_is_set_up_and_changed_by_a_form(site, everybody, dana):
    browser = Browser(Client())
    browser.client.force_login(dana)
    form = {
        "name": "jira",
        "set_url": site.url,
        "set_token": TOKEN,
        "set_project": "OPS",
        "set_issue_type": "Task",
        "set_transitions": "{approve: Approved, approved: Approve}",
        "set_webhook_secret": SECRET,
        "set_api": "2",
        "active": "on",
    }
    assert browser.client.post("/channels/add/jira", form).status_code == 302
    channel = ChannelConfig.objects.get()
    assert channels.shown_settings(channel)["api"] == 2
    assert channels.shown_settings(channel)["transitions"]["approve"] == "Approved"
    page = f"/channels/{channel.pk}/edit"
    assert "approve: Approved" in browser.read(page).text

    changed = form | {"set_token": "", "set_webhook_secret": "", "set_transitions": ""}
    assert browser.client.post(page, changed).status_code == 302

    channel.refresh_from_db()
    assert set(channels.shown_settings(channel)["transitions"].values()) == {""}
