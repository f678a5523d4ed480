"""The demo organisation of `examples/demo/`, as `make run` applies it."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accessplane.lib.actors import console
from identity import documents, requestable, selectors
from identity.models import User
from identity.services import configuration
from identity.services.outcomes import Result

DIRECTORY = Path(settings.BASE_DIR) / "examples" / "demo"


def read():
    return [
        document
        for path in sorted(DIRECTORY.glob("*.yaml"))
        for document in documents.from_yaml(path.read_text(), source=path.name)
    ]


def apply():
    return configuration.apply_documents(
        read(), by=console("test"), may=configuration.everything, at=timezone.now()
    )


@pytest.fixture
def demo(db):
    return apply()


def test_they_apply_without_a_warning(demo):
    assert {outcome.result for outcome in demo} == {Result.CREATED}
    assert [outcome.warnings for outcome in demo if outcome.warnings] == []


def test_applying_them_again_changes_nothing(demo):
    assert {outcome.result for outcome in apply()} == {Result.UNCHANGED}


def test_every_role_says_what_it_is_for():
    roles = [document for document in read() if document.kind == "role"]

    assert [role.name for role in roles if not role.metadata.description] == []
    assert [role.name for role in roles if not role.metadata.labels.get("title")] == []


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("bob@example.com", ["dba", "staging-db", "staging-web"]),
        ("alice@example.com", ["staging-db", "staging-web"]),
        ("ivan@example.com", ["prod-admin", "staging-db", "staging-web"]),
        ("carol@example.com", ["staging-web"]),
        ("dana@example.com", []),
        ("erin@example.com", []),
    ],
)
def test_each_person_may_ask_for_what_the_tutorial_says(demo, email, names):
    subject = selectors.subject_of(User.objects.get(email=email), at=timezone.now())

    assert selectors.requestable_names(subject) == names
    assert requestable.requestable_among(subject, ["admin", "auditor"]) == []


def test_everybody_signs_in_with_the_password_of_the_tutorial(demo):
    tutorial = (Path(settings.BASE_DIR) / "docs/tutorial/first-approved-request.md").read_text()

    for user in User.objects.all():
        password = f"{user.email.partition('@')[0]}-demo-password"
        assert user.check_password(password)
        assert f"| {user.email} | {password} |" in tutorial
