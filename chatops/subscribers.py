"""What follows from events here: news is owed to whoever a route names."""

from django.utils import timezone

from audit.catalogue import EVENT_TYPES
from audit.models import LedgerEntry
from audit.subscriptions import subscribes_to
from chatops import selectors
from chatops.services import sending


@subscribes_to(*EVENT_TYPES, name="chatops.postings", wanted=selectors.wanted_types)
def owe_postings(entry: LedgerEntry) -> None:
    """Write the postings of an event."""
    sending.plan_postings(entry, at=timezone.now())
