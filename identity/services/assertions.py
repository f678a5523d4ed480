"""Assertions of SAML providers: each is good for one sign-in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accessplane.lib.errors import Conflict
from identity.models import Connector, SamlAssertion


class AssertionUsed(Conflict):
    """It came before, or its request was answered before."""

    code = "assertion_used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """An assertion that was checked: what it says of whom, in answer to which request of ours."""

    assertion_id: str
    request_id: str
    uid: str
    said: Mapping[str, Any]
    expires_at: datetime


def keep(*, connector: Connector, believed: Believed, at: datetime) -> None:
    """Keep it for the browser that asked; raises `AssertionUsed` the second time.

    Those whose time is over go: whoever checks one refuses it by then.
    """
    with transaction.atomic():
        SamlAssertion.objects.filter(expires_at__lt=at).delete()
        try:
            with transaction.atomic():
                SamlAssertion.objects.create(connector=connector, **asdict(believed))
        except IntegrityError as twice:
            raise AssertionUsed("This answer came before.") from twice


def take(*, connector: Connector, request_id: str, at: datetime) -> Believed | None:
    """What was said in answer to this request, once; None if nothing was, or it is too late."""
    with transaction.atomic():
        rows = SamlAssertion.objects.select_for_update()
        row = rows.filter(connector=connector, request_id=request_id, expires_at__gt=at).first()
        if row is None or row.said is None:
            return None
        said, row.said = row.said, None
        row.save(update_fields=["said"])
    return Believed(
        assertion_id=row.assertion_id,
        request_id=row.request_id,
        uid=row.uid,
        said=said,
        expires_at=row.expires_at,
    )
