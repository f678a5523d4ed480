"""What browsers are told that a page may load and do."""

import pytest

from accessplane.content_policy import policy_at

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def policy_of(response) -> set[str]:
    return set(response.headers["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing", "/api/v1/users/me/"])
def test_every_answer_has_the_strict_policy(browser, bob, path):
    response = browser(bob).client.get(path)

    assert policy_of(response) == STRICT
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_documentation_of_the_interface_may_style_its_elements_and_no_more(client):
    response = client.get("/api/v1/docs/")

    loose = {"style-src 'self' 'unsafe-inline'"}
    assert policy_of(response) == STRICT - {"style-src 'self'"} | loose


def test_the_longest_beginning_counts():
    policies = {"/admin/": "loose", "/admin/login/": "strict"}

    assert policy_at("/admin/users/", policies) == "loose"
    assert policy_at("/admin/login/", policies) == "strict"
    assert policy_at("/administration", policies) is None


def test_pages_are_compressed_and_answers_to_forms_are_not(browser, bob):
    """What a form is answered with may hold a secret."""
    client, accepts = browser(bob).client, {"accept-encoding": "gzip"}

    page = client.get("/settings/tokens", headers=accepts)
    made = client.post("/settings/tokens", {"name": "x", "ttl": "7"}, headers=accepts)

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in made.headers
    assert "Content-Encoding" not in client.get("/api/v1/users/me/", headers=accepts).headers
