"""A sign-in that is answered twice at the same moment."""

from datetime import timedelta
from functools import partial

import pytest

from identity.models import Connector, SamlAssertion
from identity.services import assertions
from identity.services.assertions import AssertionUsed, Believed
from tests import cast
from tests.identity.test_connectors import saml_connector
from tests.races.at_once import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_an_assertion_is_kept_once_and_taken_once(everybody, rounds):
    cast.apply(saml_connector())
    okta = Connector.objects.get()
    for number, at in enumerate(rounds):
        said = Believed(
            assertion_id=f"_a{number}",
            request_id=f"_r{number}",
            uid="b-1",
            said={"email": "bob@example.com"},
            expires_at=at + timedelta(minutes=5),
        )
        keep = partial(assertions.keep, connector=okta, believed=said, at=at)
        take = partial(assertions.take, connector=okta, request_id=said.request_id, at=at)

        kept = at_once(keep, keep, keep)
        taken = at_once(take, take, take)

        assert refusals(kept) == [AssertionUsed.code] * 2
        assert [one for one in taken if one] == [said]
        assert SamlAssertion.objects.get(request_id=said.request_id).said is None
