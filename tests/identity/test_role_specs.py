"""The parsed roles that a process keeps (ADR 0014)."""

import pytest

from identity import selectors
from identity.models import Role
from tests import cast

pytestmark = pytest.mark.django_db


def digests(*names):
    return list(Role.objects.filter(name__in=names).values_list("name", "digest"))


def test_what_was_parsed_once_takes_no_statement(bob, django_assert_num_queries):
    pairs = digests("developer", "dba")
    selectors.specs_of(pairs)

    with django_assert_num_queries(0):
        assert set(selectors.specs_of(pairs)) == {"developer", "dba"}


def test_an_edited_role_is_another_content(bob):
    before = selectors.specs_of(digests("dba"))["dba"]
    cast.apply(cast.role("dba", allow={"logins": ["root"]}))

    after = selectors.specs_of(digests("dba"))["dba"]

    assert before.allow.logins == ()
    assert after.allow.logins == ("root",)


def test_making_room_loses_nothing_that_is_asked_for(bob, monkeypatch):
    selectors.specs_of(digests("developer"))
    monkeypatch.setattr(selectors, "_SPECS_KEPT", 0)
    cast.apply(cast.role("new-one"))

    assert set(selectors.specs_of(digests("developer", "new-one"))) == {"developer", "new-one"}
