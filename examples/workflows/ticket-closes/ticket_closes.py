"""Access ends with the work that it was for: when the ticket in a request's reason is closed, the
grants of that request are revoked.

It keeps nothing. What is in force stands in the plane and what is open stands in Jira, and each
look compares the two: after a restart the first look finds whatever was missed.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from functools import cache

import httpx
import jira
from accessplane_client import Grant, Plane, PlaneError

log = logging.getLogger("ticket_closes")

UNKNOWN_TOKEN = 401


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    pause = float(os.environ.get("LOOK_EVERY", "15"))
    with Plane.from_env() as plane:
        keeper = Keeper(plane)
        log.info("Looking every %g seconds at %s.", pause, plane.url)
        while True:
            keeper.look()
            time.sleep(pause)


class Keeper:
    """Ends at `plane` what is held for tickets that are closed."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._reasons: dict[str, str] = {}

    def look(self) -> None:
        """Look once. What goes wrong is left to the next look."""
        is_open = cache(lambda key: jira.get_ticket(key) is not None)
        try:
            grants = [*self._not_over()]
        except PlaneError as error:
            if error.status == UNKNOWN_TOKEN:
                raise
            log.warning("%s", error.detail)
            return
        for grant in grants:
            try:
                self._end_if_closed(grant, is_open)
            except PlaneError as error:  # it may have ended meanwhile
                log.warning("Grant %s: %s", grant.id, error.detail)
            except httpx.HTTPError as error:
                log.warning("Jira: %s", error)

    def _not_over(self) -> Iterator[Grant]:
        """What is held now, and what is going to be."""
        for state in ("ACTIVE", "SCHEDULED"):
            yield from self._plane.grants(state=state)

    def _end_if_closed(self, grant: Grant, is_open: Callable[[str], bool]) -> None:
        key = jira.key_in(self._reason_of(grant))
        if key is None or is_open(key):
            return
        self._plane.revoke_grant(grant.id, reason=f"Ticket {key} is closed.")
        log.info("%s no longer holds %s: %s is closed.", grant.user, grant.role, key)

    def _reason_of(self, grant: Grant) -> str:
        """Why it was asked for; that never changes."""
        if grant.request not in self._reasons:
            self._reasons[grant.request] = self._plane.request(grant.request).reason
        return self._reasons[grant.request]


if __name__ == "__main__":
    try:
        main()
    except PlaneError as error:
        raise SystemExit(error.detail) from None
