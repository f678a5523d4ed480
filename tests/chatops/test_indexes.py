"""What a service says of something of ours is looked up by the service's own id of it."""

import pytest
from django.db import connection
from django.forms import model_to_dict

from audit import services
from chatops.models import ChannelConfig, Posting
from chatops.selectors import request_behind
from chatops.services import sending
from tests import deeds
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def fill(posting: Posting) -> None:
    """Many more of these, so that the index is what the database chooses."""
    values = model_to_dict(posting, exclude=["id", "entry", "channel", "route"])
    values |= {"entry": posting.entry, "channel": posting.channel, "route": posting.route}
    values |= {"created_at": NOON}
    Posting.objects.bulk_create(
        Posting(**values | {"recipient": f"room {number}", "posted": f"card {number}"})
        for number in range(500)
    )


def steps_of(statement: str) -> str:
    """How the database goes about it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE chatops_posting")
            cursor.execute(f"EXPLAIN {statement}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(str(row) for row in cursor.fetchall())


def test_a_request_is_found_through_an_index(loft, bob, django_assert_num_queries):
    request = deeds.ask(bob, "dba")
    services.drain(at=NOON)
    sending.send_due(at=NOON)
    channel = ChannelConfig.objects.get()

    fill(Posting.objects.order_by("pk").first())

    with django_assert_num_queries(1) as ran:
        found = request_behind("card for bob@example.com", channel)

    assert found == request.pk
    assert "posting_by_service_id" in steps_of(ran.captured_queries[0]["sql"])
