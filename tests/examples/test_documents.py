"""The documents of the examples, beside the demo organisation."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from identity.services import configuration
from identity.services.outcomes import Result

EXAMPLES = Path(django_settings.BASE_DIR) / "examples"
WORKFLOWS = EXAMPLES / "workflows"
FILES = sorted(WORKFLOWS.glob("*/*.yaml"))


def apply(*paths):
    return configuration.apply_documents(
        [document for path in paths for document in documents_of(path)],
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(WORKFLOWS)))
def test_they_apply_beside_the_demo_without_a_warning(settings, path):
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = ["device_and_ticket.process_request"]
    apply(EXAMPLES / "demo")
    outcomes = apply(WORKFLOWS / "organisation.yaml", path)

    assert {outcome.result for outcome in outcomes} == {Result.CREATED}
    assert [outcome.warnings for outcome in outcomes if outcome.warnings] == []
    assert {outcome.result for outcome in apply(path)} == {Result.UNCHANGED}


@pytest.mark.django_db
def test_trying_them_leaves_the_demo_as_it_is():
    apply(EXAMPLES / "demo")
    apply(WORKFLOWS / "organisation.yaml", WORKFLOWS / "on-call")

    assert {outcome.result for outcome in apply(EXAMPLES / "demo")} == {Result.UNCHANGED}
