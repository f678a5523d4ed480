"""What Django alone costs here: one SELECT and one INSERT, served as Access Plane is.

The same web server, handler and database options; no middleware, no REST framework. Run as
`python -m bench.bare`, with the folder for its database in `DATA`.
"""

import json
import socket
from typing import Any, ClassVar

import django
import uvicorn
from django.conf import settings

from accessplane.settings import embedded as product

settings.configure(
    SECRET_KEY=product.SECRET_KEY,
    ALLOWED_HOSTS=product.ALLOWED_HOSTS,
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": product.DATABASES["default"] | {"NAME": product.DATA / "bare.sqlite3"}
    },
    DEFAULT_AUTO_FIELD=product.DEFAULT_AUTO_FIELD,
)
django.setup(set_prefix=False)

from django.db import connection, connections, models  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from accessplane.threaded import ThreadedHandler  # noqa: E402


class Note(models.Model):
    """Something to read and to write."""

    text = models.CharField(max_length=100)
    author = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.text


def write(request: HttpRequest) -> JsonResponse:
    """Read the first note and write one more."""
    said = json.loads(request.body)
    first = Note.objects.get(pk=1)
    note = Note.objects.create(
        text=said["text"], author=first.author, created_at=timezone.now()
    )
    answer = {"id": note.pk, "text": note.text, "at": note.created_at.isoformat()}
    return JsonResponse(answer, status=201)


urlpatterns: list[Any] = [path("notes/", write)]


class Server(uvicorn.Server):
    """Uvicorn's, which says where it is ready as Access Plane does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets=sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()
            print(f"Access Plane is ready on http://{host}:{port}", flush=True)


def main() -> None:
    """Make the table and serve until a signal comes."""
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    Note.objects.create(text="first", author="bob@example.com", created_at=timezone.now())
    connections.close_all()
    config = uvicorn.Config(
        ThreadedHandler(),
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    Server(config).run(sockets=[socket.create_server(("127.0.0.1", 0), backlog=1024)])


if __name__ == "__main__":
    main()
