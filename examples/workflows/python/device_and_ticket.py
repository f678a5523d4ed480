"""Administrators use registered computers; contractors have a ticket that is open.

Run, it is a bot: it hears of requests and reports verdicts. Imported, it is a function that the
plane runs itself (engine `python`).
"""

import logging

import jira
from accessplane_client import AccessDenied, Plane
from devices import registered_computer


def process_request(req):
    # grant admin only on registered computers
    if "admin" in req.roles and not registered_computer(req.user):
        raise AccessDenied("use registered computer for privileged access")
    # contractors should provide a valid ticket
    if "contractor" in req.traits["team"] and not jira.get_ticket(req.reason):
        raise AccessDenied("provide an active JIRA ticket")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    plane = Plane.from_env()
    plane.workflow("device-and-ticket")(process_request)
    plane.run()
