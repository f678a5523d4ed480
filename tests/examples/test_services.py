"""The small services beside the examples answer as what they stand for would."""

import httpx
import pytest

pytestmark = pytest.mark.embedded


def test_the_registry_knows_whose_device_it_is(stage):
    registry = f"{stage.services['DEVICES_URL']}/devices"
    stage.register("Erin@example.com", "X1")

    def of(owner):
        return httpx.get(registry, params={"owner": owner}).json()["devices"]

    assert of("erin@example.com") == [{"serial": "X1", "owner": "erin@example.com"}]
    assert of("bob@example.com") == []
    stage.unregister("X1")
    assert of("erin@example.com") == []
    assert httpx.post(registry, json={"owner": "erin@example.com"}).status_code == 400
    assert httpx.post(registry, content=b"X1").status_code == 400
    assert httpx.get(f"{registry}/X1").status_code == 404


def test_the_look_up_answers_as_jira_cloud_does(stage):
    base = stage.services["JIRA_URL"]
    issue = f"{base}/rest/api/3/issue/OPS-900"
    unknown = httpx.get(issue)
    stage.ticket("OPS-900", "open")
    opened = httpx.get(issue, params={"fields": "status"}).json()
    stage.ticket("OPS-900", "close")
    closed = httpx.get(issue).json()

    assert unknown.status_code == 404
    assert unknown.json()["errors"] == {}
    assert "does not exist" in unknown.json()["errorMessages"][0]
    assert set(opened) == {"expand", "id", "self", "key", "fields"}
    assert (opened["key"], set(opened["fields"])) == ("OPS-900", {"status"})
    assert opened["self"] == f"{base}/rest/api/3/issue/{opened['id']}"
    status = opened["fields"]["status"]
    assert set(status) == {"self", "description", "iconUrl", "name", "id", "statusCategory"}
    assert status["statusCategory"] == {
        "self": f"{base}/rest/api/3/statuscategory/4",
        "id": 4,
        "key": "indeterminate",
        "colorName": "yellow",
        "name": "In Progress",
    }
    assert closed["fields"]["status"]["statusCategory"]["key"] == "done"
    assert closed["fields"]["summary"] == "Ticket OPS-900"
    assert httpx.post(f"{base}/tickets/OPS-901/close").status_code == 404
