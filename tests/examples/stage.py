"""A real plane with the demo organisation and that of the examples, and the services beside it."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from accessplane_client import AccessRequest, Plane

from tests.examples.programs import PYTHONPATH, WORKFLOWS, Program, until
from tests.frame import processes
from tests.prepared import enter

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS1leGFtcGxlcy1hbmQtbm8tb3RoZXI="
ORGANISATION = ("organisation.yaml", "ticket-closes/organisation.yaml")


class Stage:
    """The plane at `url`, its people by their first names, and what the services know."""

    def __init__(
        self, url: str, tokens: dict[str, str], *, devices: Program, jira: Program
    ) -> None:
        self.url = url
        self.services = addresses(devices, jira)
        self._jira = jira
        self._tokens = tokens
        self._open = ExitStack()
        self._planes: dict[str, Plane] = {}

    def close(self) -> None:
        self._open.close()

    def as_(self, name: str) -> Plane:
        """The plane as this person sees it."""
        if name not in self._planes:
            plane = Plane(self.url, self._tokens[name])
            self._planes[name] = self._open.enter_context(plane)
        return self._planes[name]

    def login(self, name: str) -> dict[str, str]:
        """What a program finds in its environment that works in this name."""
        login = {"ACCESSPLANE_URL": self.url, "ACCESSPLANE_TOKEN": self._tokens[name]}
        return login | self.services

    def apply(self, path: Path, *, url: str = "") -> None:
        """A document of the examples, if need be with the address where its program listens."""
        text = path.read_text()
        if url:
            text, found = re.subn(r"(?m)^( +url: ).*$", rf"\g<1>{url}", text)
            assert found == 1
        self.as_("dana").apply(text)

    # What people do with the services

    def register(self, owner: str, serial: str) -> None:
        device = {"owner": owner, "serial": serial}
        answer = httpx.post(f"{self.services['DEVICES_URL']}/devices", json=device)
        assert answer.status_code == 201

    def unregister(self, serial: str) -> None:
        answer = httpx.delete(f"{self.services['DEVICES_URL']}/devices/{serial}")
        assert answer.status_code == 204

    def ticket(self, key: str, deed: str) -> None:
        """`open` or `close` it."""
        answer = httpx.post(f"{self.services['JIRA_URL']}/tickets/{key}/{deed}")
        assert answer.status_code == 200

    @contextmanager
    def jira_standing_still(self) -> Iterator[None]:
        """Whoever asks Jira waits."""
        self._jira.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._jira.signal(signal.SIGCONT)

    # What people do with the plane

    def seen(self, request: AccessRequest) -> AccessRequest:
        """The request as it is now."""
        return self.as_("dana").request(request.id)

    def judged(self, request: AccessRequest) -> AccessRequest:
        """The request once no workflow is awaited."""

        def settled() -> AccessRequest | None:
            found = self.seen(request)
            return None if any(check.is_pending for check in found.checks) else found

        return until(settled, f"a verdict on {request.id}")

    def verdicts(self, request: AccessRequest) -> list[tuple[str, str]]:
        """All that the log has of verdicts on this request, once it has one."""

        def told() -> list[tuple[str, str]]:
            found = self.as_("dana").events(about=request.id, type="access_request.checked")
            return [(event.data["verdict"], event.data["reason"]) for event in found]

        return until(told, f"the log to tell of {request.id}")

    def holds(self, name: str, role: str) -> bool:
        return self.as_("dana").check_access(f"{name}@example.com", role).allowed

    def give_back(self, name: str) -> None:
        """End whatever this person was granted."""
        for grant in self.as_(name).grants(user=f"{name}@example.com", in_force=True):
            self.as_(name).end_grant(grant.id)


@contextmanager
def set_up(data: Path) -> Iterator[Stage]:
    """A stage for as long as it is needed."""
    with ExitStack() as stack:
        devices = stack.enter_context(service("device_registry.py"))
        jira = stack.enter_context(service("jira_lookup.py"))
        plane = processes.Plane(
            data,
            "demo",
            ACCESSPLANE_OUTBOUND_ALLOW="127.0.0.1",
            ACCESSPLANE_WORKFLOW_CALLABLES="device_and_ticket.process_request",
            POLICY_WEBHOOK_SECRET=SECRET,
            PYTHONPATH=PYTHONPATH,
            **addresses(devices, jira),
        )
        stack.callback(plane.kill)
        url = f"http://127.0.0.1:{plane.port}"
        tokens = enter(data, *(WORKFLOWS / name for name in ORGANISATION))
        stage = Stage(url, tokens, devices=devices, jira=jira)
        stack.callback(stage.close)
        yield stage


def service(name: str) -> Program:
    """One of the services, on a free port; -S leaves it nothing but the standard library."""
    command = (sys.executable, "-S", WORKFLOWS / "services" / name, "--port", "0")
    return Program(*command, environment={})


def addresses(devices: Program, jira: Program) -> dict[str, str]:
    """Where the services are, as the programs of the examples are told."""
    ready = r"is ready on (http://\S+)"
    return {"DEVICES_URL": devices.says(ready)[1], "JIRA_URL": jira.says(ready)[1]}
