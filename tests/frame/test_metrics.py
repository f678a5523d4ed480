"""What a plane counts, and who may read it."""

import pytest

from accessplane import metrics

pytestmark = pytest.mark.django_db


def test_the_figures_are_there_from_the_first_day(client):
    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert 'accessplane_requests{state="PENDING"} 0.0' in lines
    assert "accessplane_grants_in_force 0.0" in lines
    assert "accessplane_outbox_entries 0.0" in lines
    assert "accessplane_events_total 0.0" in lines


def test_another_machine_gets_nothing_without_a_token(client):
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize("header", metrics.FORWARDED)
def test_whoever_comes_through_a_proxy_is_another_machine(client, header):
    assert client.get("/metrics", **{header: "127.0.0.1"}).status_code == 404


def test_in_a_fleet_nobody_gets_anything_without_a_token(client, settings):
    settings.ACCESSPLANE_IS_FLEET = True

    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer right", 200),
        ("Bearer wrong", 404),
        ("right", 404),
        ("Bearer ümlaut", 404),
        ("", 404),
    ],
)
def test_with_a_token_set_the_token_alone_counts(client, settings, authorization, status):
    settings.ACCESSPLANE_METRICS_TOKEN = "right"

    answer = client.get("/metrics", headers={"Authorization": authorization})

    assert answer.status_code == status
