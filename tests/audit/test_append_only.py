"""The database itself refuses to change what the log holds, whoever asks."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from audit.models import AuditEvent, LedgerEntry

STATEMENTS = [
    "UPDATE audit_auditevent SET actor_name = 'mallory@example.com'",
    "UPDATE audit_auditevent SET actor_name = actor_name",
    "DELETE FROM audit_auditevent",
    "UPDATE audit_ledgerentry SET hash = ''",
    "UPDATE audit_ledgerentry SET sequence = sequence + 1000",
    "DELETE FROM audit_ledgerentry",
    "DELETE FROM audit_ledgerentry WHERE sequence = 1",
]
TRUNCATIONS = [
    "TRUNCATE audit_auditevent CASCADE",
    "TRUNCATE audit_ledgerentry CASCADE",
]


def refuse(statement):
    before = contents()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert contents() == before


def contents():
    return [list(model.objects.order_by("pk").values()) for model in (AuditEvent, LedgerEntry)]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_log_refuses(ledger, statement):
    refuse(statement)


@pytest.mark.postgres
@pytest.mark.parametrize("statement", TRUNCATIONS)
def test_the_log_is_not_emptied(ledger, statement):
    connection.check_constraints()  # a table with open questions is not emptied anyway
    refuse(statement)


@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_the_log_is_append_only_still(ledger):
    """The suite itself takes the triggers off to clean up; here they are on again."""
    refuse(STATEMENTS[0])
