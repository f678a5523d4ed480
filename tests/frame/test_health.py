"""What a platform asks a process, answered without secrets."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from accessplane import health
from accessplane.celery import app as celery_app


def test_a_process_is_alive_whatever_the_database_does(client):
    answer = client.get("/healthz")  # without the mark `django_db` any query would fail

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_a_process_is_ready_when_all_its_parts_are(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {"database": "ok", "broker": "ok", "migrations": "ok"},
    }


@pytest.mark.django_db
def test_a_part_that_fails_is_named_and_its_secrets_are_not(client, monkeypatch, caplog):
    def fail():
        raise OperationalError("no connection to postgres://plane:hunter2@db")

    monkeypatch.setitem(health.PARTS, "database", fail)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "not reachable"
    assert b"hunter2" not in answer.content
    assert "The database cannot be used." in caplog.messages


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_makes_it_unready(client, monkeypatch, closed_port):
    monkeypatch.setattr(celery_app.conf, "broker_write_url", f"redis://127.0.0.1:{closed_port}")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"] == {
        "database": "ok",
        "broker": "not reachable",
        "migrations": "ok",
    }


@pytest.mark.django_db
def test_redis_is_a_broker(client, monkeypatch, redis_url):
    monkeypatch.setattr(celery_app.conf, "broker_write_url", redis_url)

    assert client.get("/readyz").json()["parts"]["broker"] == "ok"


@pytest.mark.django_db
def test_a_database_that_is_older_than_the_code_makes_it_unready(client):
    health._is_migrated.cache_clear()
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "not applied"


@pytest.mark.django_db
def test_it_becomes_ready_once_the_migrations_are_applied(client):
    health._is_migrated.cache_clear()
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("sessions", "0001_initial")
    client.get("/readyz")

    recorder.record_applied("sessions", "0001_initial")

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/healthz", "/readyz", "/metrics"])
def test_a_fleet_answers_probes_by_address_and_without_tls(client, settings, url):
    settings.MIDDLEWARE = ["accessplane.probes.Probes", *settings.MIDDLEWARE]
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(url, HTTP_HOST="10.1.2.3:8000").status_code == 200
    assert client.get("/", HTTP_HOST="10.1.2.3:8000").status_code in {301, 400}


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_probes_only_read(client, url):
    assert client.post(url).status_code == 405
