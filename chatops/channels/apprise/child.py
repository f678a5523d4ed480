"""The process that lets Apprise send one message: `python -m chatops.channels.apprise.child`.

It reads what to send as JSON, and writes what came of it as JSON. Apprise brings some two hundred
services, which read files, start programs and open sockets; here it may do none of that. Its HTTP
calls are made by `accessplane.lib.outbound`, and everything else is refused by an audit hook,
which nothing can take away again. It runs apart because it needs 40 MB.
"""

import io
import json
import os
import sys
import threading
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import apprise
import requests  # noqa: TID251 - its calls are carried by `outbound`, see Wire
from apprise.common import OverflowMode
from apprise.manager_plugins import NotificationManager
from django.conf import settings

from accessplane.lib import addresses, outbound

MOST_CALLS = 20
_STARTS_PROGRAMS = (
    "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.", "ctypes.dlopen",
)  # fmt: skip
_SOCKETS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Wire:
    """Carries what `requests` would send, by the plane's own way out; and remembers it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._state = threading.local()
        self.calls: list[dict[str, Any]] = []

    @property
    def is_calling(self) -> bool:
        """Whether this thread is inside of a call of ours."""
        return getattr(self._state, "calling", False)

    def carry(self, request: Any) -> Any:
        """The answer to a prepared request, as `requests` has them."""
        left = self._end - time.monotonic()
        if left <= 0 or len(self.calls) >= MOST_CALLS:
            raise requests.ConnectionError("There is no time left.")
        body = request.body or b""
        if not isinstance(body, str | bytes):
            raise requests.ConnectionError("Only texts are sent.")
        self._state.calling = True
        try:
            answer = outbound.send(
                request.method,
                request.url,
                headers=_headers(request),
                body=body.encode() if isinstance(body, str) else body,
                timeout=timedelta(seconds=left),
            )
        except outbound.OutboundFailed as failure:
            self.calls.append({"kind": failure.kind, "sentence": failure.sentence})
            raise requests.ConnectionError(failure.sentence) from failure
        finally:
            self._state.calling = False
        return self._heard(request, answer)

    def _heard(self, request: Any, answer: Any) -> Any:
        wait = answer.headers.get("retry-after", "")
        host = urlsplit(request.url).hostname
        self.calls.append({"host": host, "status": answer.status, "wait": wait})
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.url, response.request = request.url, request
        response.raw = io.BytesIO(answer.body)
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response


def guard(wire: Wire) -> None:
    """From now on this process starts no program, opens no socket but the wire's, and reads no
    file but those of Python."""
    roots = tuple(
        os.path.join(os.path.realpath(root), "")  # noqa: PTH118 - compared as text
        for root in (sys.prefix, sys.base_prefix)
    )

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event.startswith(_STARTS_PROGRAMS) or event in _CHANGES:
            raise PermissionError(event)
        if event in _SOCKETS and not wire.is_calling:
            raise PermissionError(event)
        if event == "open" and not _may_open(args, roots):
            raise PermissionError(event)

    sys.addaudithook(hook)


def _may_open(args: tuple[Any, ...], roots: tuple[str, ...]) -> bool:
    path, mode, flags = (*args, None, None, 0)[:3]
    if isinstance(path, int):
        return True
    writes = bool(mode and set(mode) & set("wax+")) or bool((flags or 0) & _WRITES)
    return not writes and os.path.realpath(os.fsdecode(path)).startswith(roots)


def tell(given: dict[str, Any], wire: Wire) -> dict[str, Any]:
    """Send one message; whether it arrived, or what is wrong with the URL."""
    asset = apprise.AppriseAsset(
        app_id="Access Plane",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    plugin = apprise.Apprise.instantiate(given["url"], asset=asset)
    if plugin is None or given["scheme"] not in plugin.schemas():  # type: ignore[no-untyped-call]
        return {"problem": "Apprise cannot read the URL."}
    if len(plugin) != 1:
        return {"problem": "The URL names several recipients: make one channel for each."}
    plugin.overflow_mode = OverflowMode.TRUNCATE
    plugin.request_rate_per_sec = 0  # the plane keeps the pace
    plugin.retry, plugin.optional = 0, False
    sender = apprise.Apprise(plugin, asset=asset)
    delivered = sender.notify(
        body=given["body"],
        title=given["title"],
        notify_type=apprise.NotifyType(given["mood"]),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return {"delivered": bool(delivered), "calls": wire.calls}


def prepare(given: dict[str, Any]) -> Wire:
    """Load everything that is needed, and close every other way."""
    settings.configure(DATABASES={}, ACCESSPLANE_OUTBOUND_ALLOW=None)
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(given["allowed"])
    wire = Wire(given["seconds"])
    adapter: Any = requests.adapters.HTTPAdapter
    adapter.send = lambda _, request, **__: wire.carry(request)
    NotificationManager().load_modules()  # type: ignore[no-untyped-call]
    guard(wire)
    return wire


def _headers(request: Any) -> dict[str, str]:
    """Those that are about the content: the connection is not Apprise's."""
    connection = {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "transfer-encoding",
    }
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in request.headers.items()
        if name.lower() not in connection
    }


def main() -> None:
    """Send one message."""
    answer_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    given = json.load(sys.stdin)
    wire = prepare(given)
    try:
        said = tell(given, wire)
    except Exception as error:  # noqa: BLE001 - it may hold the URL: its kind must do
        said = {"delivered": False, "calls": wire.calls, "error": type(error).__name__}
    with answer_to:
        json.dump(said, answer_to)


if __name__ == "__main__":
    main()
