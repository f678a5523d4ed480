"""The places that the navigation leads to: a new page adds a line here and is found everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_noop as _

from identity.models import User
from identity.selectors import subject_of
from requests_app import page_data


@dataclass(frozen=True, slots=True)
class Place:
    """An address with its name and icon.

    `around` names the addresses that belong to it, so that it is marked there as well. `needs` and
    `count` are keys of the page's context: without a true value under `needs` the place is not
    shown, and the number under `count` stands beside it. `keys` lead there from anywhere.
    """

    name: str
    icon: str
    url: str
    around: tuple[str, ...] = ()
    needs: str = ""
    count: str = ""
    keys: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.url)


# The first four stand in the bar of a phone; the others behind its "More".
PLACES = (
    Place(_("Home"), "home", "home", keys="g h", around=("request-page", "person-page")),
    Place(_("Request access"), "add", "request-new", keys="g n", around=("explain",)),
    Place(_("Reviews"), "reviews", "reviews-page", count="waiting", keys="g r"),
    Place(_("Grants"), "grants", "grants-page", keys="g t"),
    Place(_("Roles"), "roles", "roles-page", keys="g o", around=("role-page",)),
    Place(
        _("Workflows"),
        "workflows",
        "workflows-page",
        needs="sees_workflows",
        keys="g w",
        around=("workflow-page",),
    ),
    Place(_("Audit"), "audit", "audit-page", keys="g a", around=("event-page",)),
    Place(_("Insights"), "insights", "insights-page", needs="sees_insights", keys="g i"),
)
# At the bottom of the side bar.
LAST_PLACES = (
    Place(
        _("Channels"),
        "messages",
        "channels-page",
        needs="sees_channels",
        around=(
            "channel-page",
            "channel-add-page",
            "channel-edit-page",
            "route-add-page",
            "route-page",
            "postings-page",
        ),
    ),
    Place(_("Admin"), "admin", "admin:index", needs="enters_admin"),
)
# The tabs of the settings, in this order: what concerns oneself alone.
OWN_PLACES = (
    Place(_("Profile"), "person", "settings"),
    Place(_("Notifications"), "notifications", "notifications-page"),
    Place(_("API tokens"), "token", "tokens-page"),
    Place(
        _("Password"), "password", "account_change_password", around=("account_set_password",)
    ),
    Place(_("Sessions"), "session", "sessions-page"),
    Place(
        _("Second factors"),
        "device",
        "mfa_index",
        around=(
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
        ),
    ),
)
# In the person's own menu: the way to all of them.
SETTINGS = Place(
    _("Settings"),
    "settings",
    "settings",
    keys="g s",
    around=tuple(name for place in OWN_PLACES for name in (place.url, *place.around)),
)
# What the palette finds beside places, and what a page offers itself.
DEEDS = (
    Place(_("Find out who would have to agree"), "help", "explain"),
    Place(_("Make an API token"), "token", "tokens-page"),
    Place(_("Have somebody else told while you are away"), "people", "notifications-page"),
    Place(_("Change the password"), "password", "account_change_password"),
)
IN_BAR = 4


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one page shows it."""

    place: Place
    is_here: bool
    count: int


def links(
    places: tuple[Place, ...], context: Mapping[str, Any], here: str | None
) -> list[Link]:
    """The places that this page's context lets its viewer see; `here` is the address's name."""
    return [
        Link(
            place,
            here == place.url or here in place.around,
            context.get(place.count, 0) if place.count else 0,
        )
        for place in places
        if not place.needs or context.get(place.needs)
    ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the frame shows around pages that bring nothing for it themselves,
    such as those of allauth. It asks nothing until a template does."""
    at = timezone.now()
    return {"at": at, "shell": SimpleLazyObject(lambda: _shell_of(request.user, at))}


def _shell_of(user: object, at: datetime) -> dict[str, Any]:
    return page_data.common(subject_of(user, at=at), at=at) if isinstance(user, User) else {}
