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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address with its name and icon.

    `around` names the addresses that belong to it, so that it is marked there as well. `needs` and
    `count` are keys of the page's context: without a true value under `needs` the place is not
    shown, and the number under `count` stands beside it. `keys` lead there from anywhere.
    """

    name: str
    icon: str
    url: str
    around: frozenset[str] = frozenset()
    needs: str = ""
    count: str = ""
    keys: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.url)


# The first four stand in the bar of a phone; the others behind its "More".
PLACES = (
    Place(name="Home", icon="home", url="home", keys="g h", around=frozenset({"request-page"})),
    Place(
        name="Request access",
        icon="add",
        url="request-new",
        keys="g n",
        around=frozenset({"explain"}),
    ),
    Place(name="Reviews", icon="reviews", url="reviews-page", count="waiting", keys="g r"),
    Place(name="Grants", icon="grants", url="grants-page", keys="g t"),
    Place(
        name="Roles",
        icon="roles",
        url="roles-page",
        keys="g o",
        around=frozenset({"role-page"}),
    ),
    Place(
        name="Workflows",
        icon="workflows",
        url="workflows-page",
        needs="sees_workflows",
        keys="g w",
        around=frozenset({"workflow-page"}),
    ),
    Place(
        name="Audit",
        icon="audit",
        url="audit-page",
        keys="g a",
        around=frozenset({"event-page"}),
    ),
    Place(
        name="Insights", icon="insights", url="insights-page", needs="sees_insights", keys="g i"
    ),
)
# At the bottom of the side bar.
LAST_PLACES = (
    Place(
        name="Channels",
        icon="messages",
        url="channels-page",
        needs="sees_channels",
        around=frozenset(
            {
                "channel-page",
                "channel-add-page",
                "channel-edit-page",
                "route-add-page",
                "route-page",
                "postings-page",
            }
        ),
    ),
    Place(name="Admin", icon="admin", url="admin:index", needs="enters_admin"),
)
# The tabs of the settings, in this order: what concerns oneself alone.
OWN_PLACES = (
    Place(name=_("Profile"), icon="person", url="settings"),
    Place(name=_("Notifications"), icon="notifications", url="notifications-page"),
    Place(name=_("API tokens"), icon="token", url="tokens-page"),
    Place(
        name=_("Password"),
        icon="session",
        url="account_change_password",
        around=frozenset({"account_set_password"}),
    ),
    Place(name=_("Sessions"), icon="session", url="sessions-page"),
    Place(
        name=_("Second factors"),
        icon="device",
        url="mfa_index",
        around=frozenset(
            {
                "mfa_activate_totp",
                "mfa_deactivate_totp",
                "mfa_add_webauthn",
                "mfa_edit_webauthn",
                "mfa_remove_webauthn",
                "mfa_view_recovery_codes",
                "mfa_generate_recovery_codes",
            }
        ),
    ),
)
# In the person's own menu: the way to all of them.
SETTINGS = Place(
    name=_("Settings"),
    icon="settings",
    url="settings",
    keys="g s",
    around=frozenset().union(*({place.url, *place.around} for place in OWN_PLACES)),
)
# What the palette finds beside places, and what a page offers itself.
DEEDS = (
    Place(name=_("Find out who would have to agree"), icon="help", url="explain"),
    Place(name=_("Make an API token"), icon="token", url="tokens-page"),
    Place(
        name=_("Have somebody else told while you are away"),
        icon="people",
        url="notifications-page",
    ),
    Place(name=_("Change the password"), icon="session", url="account_change_password"),
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
