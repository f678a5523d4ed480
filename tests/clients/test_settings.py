import os
import stat

import pytest
from accessplane_client import settings
from accessplane_client.errors import NotSignedIn, PlaneError
from accessplane_client.settings import Login

HERE = Login("https://plane.example.com", "ap_here")


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path)}


@pytest.fixture
def path(environ):
    return settings.login_path(environ)


@pytest.fixture
def signed_in(path):
    settings.save(HERE, path)


def test_a_login_is_kept_for_its_owner_alone(path):
    before = os.umask(0)
    try:
        settings.save(HERE, path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert settings.load(path) == HERE
    assert not settings.is_readable_by_others(path)


def test_a_second_login_replaces_the_first_in_one_step(path, signed_in):
    path.chmod(0o644)

    settings.save(Login("https://other.example.com", "ap_other"), path)

    assert settings.load(path) == Login("https://other.example.com", "ap_other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["login.json"]


def test_a_login_that_cannot_be_written_leaves_the_old_one(path, signed_in, monkeypatch):
    monkeypatch.setattr(settings.os, "fsync", _full)

    with pytest.raises(OSError, match="full"):
        settings.save(Login("https://other.example.com", "ap_other"), path)

    assert settings.load(path) == HERE
    assert [each.name for each in path.parent.iterdir()] == ["login.json"]


def _full(_handle):
    raise OSError("full")


def test_the_file_is_under_the_home_directory_without_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    expected = tmp_path / ".config/accessplane/login.json"
    assert settings.login_path({}) == expected
    assert settings.login_path({"XDG_CONFIG_HOME": "relative"}) == expected


def test_logging_out_twice_is_no_error(path, signed_in):
    assert settings.forget(path)
    assert not settings.forget(path)
    assert settings.load(path) is None


def test_the_environment_wins(environ, signed_in):
    env = environ | {"ACCESSPLANE_URL": "https://b.example.com/", "ACCESSPLANE_TOKEN": "ap_b"}

    assert settings.current_login(env) == Login("https://b.example.com", "ap_b")
    assert settings.current_login(environ) == HERE
    assert settings.current_login(environ | {"ACCESSPLANE_TOKEN": "ap_b"}).token == "ap_b"


def test_a_kept_token_never_goes_to_another_address(environ, signed_in):
    with pytest.raises(NotSignedIn):
        settings.current_login(environ | {"ACCESSPLANE_URL": "https://evil.example.com"})


def test_nobody_is_signed_in_at_first(environ):
    with pytest.raises(NotSignedIn):
        settings.current_login(environ)


@pytest.mark.parametrize("content", ["", "{}", "[]", '"x"', '{"url": "x", "token": "ap_x"}'])
def test_a_broken_file_is_named_and_not_shown(path, signed_in, content):
    path.write_text(content)

    with pytest.raises(PlaneError, match=r"login\.json") as refused:
        settings.load(path)

    assert "ap_x" not in refused.value.detail


def test_the_token_is_not_in_what_python_shows_of_a_login():
    assert "ap_here" not in repr(HERE)


def test_a_program_names_what_its_environment_lacks():
    with pytest.raises(NotSignedIn, match="ACCESSPLANE_TOKEN"):
        settings.login_from_environment({"ACCESSPLANE_URL": "https://plane.example.com"})
