"""Where the admin is mounted. It costs some megabytes, and most processes never show it."""

from django.urls import URLResolver
from django.urls.resolvers import RoutePattern


class Late(URLResolver):
    """Addresses whose modules are loaded with the first call below them, or link to them."""

    def _populate(self) -> None:
        """The book of all addresses needs the name of this chapter alone: what is below is asked
        for by `admin:...`, and read then."""


MOUNTED = Late(
    RoutePattern("admin/", is_endpoint=False),
    "accessplane.admin.urls",
    app_name="admin",
    namespace="admin",
)
