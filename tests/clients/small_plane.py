"""A plane of a few calls, over real HTTP: what a client of workflows and events needs of one."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

STATES = {"ALLOW": "PASSED", "DENY": "FAILED", "ABSTAIN": "SKIPPED"}
HEARTBEAT = 0.2


class SmallPlane:
    """`ask` makes a request whose checks wait for the workflows that it names."""

    def __init__(self, *, streams=True, page=2):
        self.streams = streams
        self.page = page
        self.names_checks = True  # in the event of a new request
        self.requests = {}
        self.events = []
        self.calls = Counter()
        self.reports = []  # of every verdict that came: request, workflow, verdict, status
        self.resumed = []  # where each reader of the stream said that it stands
        self.refusal = None  # a status and a code that every call gets
        self.news = threading.Condition()
        self._line = 0
        self._server = None
        self._port = 0
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def start(self):
        """Listen; again on the same port after `stop`."""
        self.is_away = False
        self._server = Server(("127.0.0.1", self._port), Door)
        self._server.plane = self
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self):
        """Break everything off, and answer no more."""
        self.is_away = True
        self.hang_up()
        self._server.shutdown()
        self._server.server_close()

    def hang_up(self):
        """End the streams that are open."""
        with self.news:
            self._line += 1
            self.news.notify_all()

    def ask(self, *roles, workflows=("ticket",), user="bob@example.com", told=True, **more):
        """The id of a new pending request; not `told` leaves its event out."""
        request_id = str(uuid4())
        with self.news:
            self.requests[request_id] = {
                "id": request_id,
                "state": "PENDING",
                "requester": user,
                "roles": [*roles],
                "reason": more.get("reason", ""),
                "checks": [
                    {"workflow": name, "state": "PENDING", "reason": ""} for name in workflows
                ],
                "traits": more.get("traits", {}),
            }
            if told:
                named = {"checks": [*workflows]} if self.names_checks else {}
                self.tell("access_request.created", request_id, **named)
        return request_id

    def tell(self, kind, request_id, **data):
        with self.news:
            event = {
                "sequence": len(self.events) + 1,
                "type": kind,
                "about": {"kind": "access_request", "id": request_id},
                "data": data,
            }
            self.events.append(event)
            self.news.notify_all()

    def forget(self):
        """Set the plane up anew: another log, no request."""
        with self.news:
            self.requests.clear()
            self.events.clear()

    def state_of(self, request_id, workflow="ticket"):
        return self.check(request_id, workflow)["state"]

    def check(self, request_id, workflow):
        checks = self.requests.get(request_id, {"checks": []})["checks"]
        return next((each for each in checks if each["workflow"] == workflow), None)

    def facts(self, request_id):
        request = self.requests[request_id]
        return {
            "request": {
                "id": request_id,
                "roles": request["roles"],
                "reason": request["reason"],
                "annotations": {"pagerduty_services": ["payments"]},
                "user": request["requester"],
                "created_at": "2026-03-02T12:00:00Z",
                "start_time": None,
                "duration_seconds": 7200,
                "extends": None,
            },
            "requester": {
                "user": request["requester"],
                "roles": ["developer"],
                "traits": request["traits"],
            },
        }

    def judge(self, request_id, workflow, verdict, reason=""):
        """The status and the code with which the plane takes this verdict."""
        with self.news:
            check, state = self.check(request_id, workflow), STATES[verdict]
            status, code = self._taken(self.requests[request_id], check, state)
            if status == 200:
                check |= {"state": state, "reason": reason}
                if state == "FAILED":
                    self.requests[request_id]["state"] = "DENIED"
            self.reports.append((request_id, workflow, verdict, status))
            self.news.notify_all()
        return status, code

    def _taken(self, request, check, state):
        if check["state"] == state:
            return 200, ""
        if request["state"] != "PENDING":
            return 409, "already_resolved"
        return (200, "") if check["state"] == "PENDING" else (409, "wrong_state")

    def wait_for(self, happened, seconds=20):
        """Until `happened()` is true; not for ever."""
        end = time.monotonic() + seconds
        with self.news:
            while not happened():
                assert time.monotonic() < end, "It did not happen."
                self.news.wait(0.05)

    def wait_for_verdict(self, request_id, workflow="ticket"):
        self.wait_for(lambda: self.state_of(request_id, workflow) != "PENDING")

    def wait_until_read(self):
        """Until a program has looked for what waits, and follows the log."""
        self.wait_for(lambda: self.calls["requests"] and self.calls["events"] > 1)

    def counted(self, request_id):
        """How many verdicts on it were taken."""
        return [each[3] for each in self.reports if each[0] == request_id].count(200)

    def after(self, sequence, kind):
        return [
            event
            for event in self.events
            if event["sequence"] > sequence and kind in {None, event["type"]}
        ]

    @property
    def line(self):
        return self._line


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that was killed is no news."""


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def plane(self):
        return self.server.plane

    def do_GET(self):
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/api/v1/").strip("/").split("/")
        wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.plane.news:
            self.plane.calls[path[0].removeprefix("access-") if len(path) == 1 else "one"] += 1
        match path:
            case _ if self.plane.is_away:
                self.close_connection = True
            case _ if self.plane.refusal:
                self._refuse(*self.plane.refusal)
            case ["events"]:
                self._events(wanted)
            case ["access-requests"]:
                self._requests(wanted)
            case ["users", "me"]:
                self._answer({"email": "bot@example.com"})
            case ["access-requests", request_id]:
                self._answer(self.plane.requests[request_id])
            case ["access-requests", request_id, "checks", workflow]:
                self._check(request_id, workflow)
            case _:
                self._refuse(404, "not_found")

    def do_POST(self):
        _, request_id, _, workflow = self.path.removeprefix("/api/v1/").strip("/").split("/")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, code = self.plane.judge(
            request_id, workflow, body["verdict"], body.get("reason", "")
        )
        if status == 200:
            self._answer(self.plane.requests[request_id])
        else:
            self._refuse(status, code)

    def _events(self, wanted):
        after, kind = int(wanted.get("after", 0)), wanted.get("type")
        if self.plane.streams and self.headers["Accept"] == "text/event-stream":
            self._stream(int(self.headers.get("Last-Event-ID", after)), kind)
            return
        end = time.monotonic() + int(wanted.get("wait", 0))
        line = self.plane.line
        with self.plane.news:
            while (
                not (found := self.plane.after(after, kind))
                and time.monotonic() < end
                and self.plane.line == line
            ):
                self.plane.news.wait(0.05)
        rest = found[int(wanted.get("limit", 50)) :]
        self._answer(
            {"next": "more" if rest else None, "results": found[: len(found) - len(rest)]}
        )

    def _stream(self, after, kind):
        self.plane.resumed.append(after)
        line = self.plane.line
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while self.plane.line == line:
            with self.plane.news:
                found = self.plane.after(after, kind)
                if not found:
                    self.plane.news.wait(HEARTBEAT)
            said = "".join(
                f"id: {event['sequence']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n"
                for event in found
            )
            after = found[-1]["sequence"] if found else after
            self.wfile.write((said or ": still here\n\n").encode())
            self.wfile.flush()

    def _requests(self, wanted):
        pending = [
            {name: value for name, value in each.items() if name != "traits"}
            for each in self.plane.requests.values()
            if each["state"] == wanted.get("state", each["state"])
        ][::-1]
        begin = int(wanted.get("cursor", 0))
        end = begin + self.plane.page
        following = f"{self.plane.url}/?cursor={end}" if pending[end:] else None
        self._answer({"next": following, "results": pending[begin:end]})

    def _check(self, request_id, workflow):
        check = self.plane.check(request_id, workflow)
        if check is None:
            self._refuse(404, "not_found")
        elif check.get("of_another_bot"):
            self._refuse(403, "not_permitted")
        else:
            self._answer(check | {"facts": self.plane.facts(request_id)})

    def _refuse(self, status, code):
        self._answer({"detail": "No.", "code": code}, status)

    def _answer(self, document, status=200):
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""
