"""What Django alone costs here: one SELECT and one INSERT, served as Access Plane is.

The same web server, handler and database options; no middleware, no REST framework. Run as
`python -m bench.bare`, with the folder for its database in `DATA`.
"""

import json
from threading import Event, Thread
from typing import Any

from django.conf import settings

from accessplane.settings import embedded as product

settings.configure(
    SECRET_KEY=product.SECRET_KEY,
    ALLOWED_HOSTS=product.ALLOWED_HOSTS,
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": product.DATABASES["default"] | {"NAME": product.DATA / "bare.sqlite3"}},
    DEFAULT_AUTO_FIELD=product.DEFAULT_AUTO_FIELD,
)

import django  # noqa: E402

django.setup(set_prefix=False)

from django.db import connection, connections, models  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from accessplane import embedded  # noqa: E402
from accessplane.threaded import ThreadedHandler  # noqa: E402


class Note(models.Model):
    """Something to read and to write."""

    text = models.CharField(max_length=100)
    author = models.CharField(max_length=100)
    created_at = models.DateTimeField()

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


def alive(_request: HttpRequest) -> JsonResponse:
    """Answer that the process lives."""
    return JsonResponse({"status": "alive"})


urlpatterns: list[Any] = [path("notes/", write), path("healthz", alive)]


def main() -> None:
    """Make the table and serve until a signal comes."""
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    Note.objects.create(text="first", author="bob@example.com", created_at=timezone.now())
    connections.close_all()
    listener = embedded.listen("127.0.0.1", 0)
    config = embedded.server_config()
    config.app = ThreadedHandler()
    address = embedded.address_of(listener)
    Thread(target=embedded.announce, args=(address, Event()), daemon=True).start()
    embedded.Server(config).run(sockets=[listener])
    embedded.leave(0)


if __name__ == "__main__":
    main()
