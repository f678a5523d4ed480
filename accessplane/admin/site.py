"""The admin's site: who may enter it, and what is registered with it (ADR 0025)."""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

from allauth.account.views import logout as sign_out
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from unfold.sites import UnfoldAdminSite

from accessplane.admin import backlog
from accessplane.lib.admins import Shown, address_of
from accessplane.lib.deeds import Viewing, viewing_of
from accessplane.lib.words import Text
from identity.models import User
from identity.selectors import subject_of

View = Callable[..., HttpResponse]

KEPT_ADDRESSES = {"index", "login", "logout", "jsi18n", "app_list"}

# What the bar at the side offers: groups of models with the icons of Material Symbols.
PLACES = (
    (
        gettext_lazy("Access"),
        (
            ("requests_app_accessrequest", gettext_lazy("Requests"), "inbox"),
            ("requests_app_grant", gettext_lazy("Grants"), "key"),
        ),
    ),
    (
        gettext_lazy("Rules"),
        (
            ("identity_role", gettext_lazy("Roles"), "badge"),
            ("policy_workflow", gettext_lazy("Workflows"), "account_tree"),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            ("identity_user", gettext_lazy("Users"), "group"),
            ("identity_apitoken", gettext_lazy("API tokens"), "vpn_key"),
            ("chatops_linkedaccount", gettext_lazy("Linked accounts"), "link"),
            ("chatops_delegation", gettext_lazy("Delegations"), "person_alert"),
        ),
    ),
    (
        gettext_lazy("Messages"),
        (
            ("chatops_channelconfig", gettext_lazy("Channels"), "campaign"),
            ("chatops_route", gettext_lazy("Routes"), "alt_route"),
            ("chatops_posting", gettext_lazy("Postings"), "outgoing_mail"),
        ),
    ),
    (gettext_lazy("Record"), (("audit_ledgerentry", gettext_lazy("Events"), "history"),)),
)


class PlaneAdmin(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """The admin of Access Plane. It has no rights of its own: they are those of the plane."""

    enable_nav_sidebar = True
    final_catch_all_view = False
    index_template = "admin/plane_index.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take what shows and never edits; anything else would be a way round the rules."""
        if admin_class is None or not issubclass(admin_class, Shown):
            raise ImproperlyConfigured(f"{admin_class} is no admin that only shows.")
        super().register(model_or_iterable, admin_class, **options)

    # who may enter

    def has_permission(self, request: HttpRequest) -> bool:
        """An active person whose roles let him or her look at anything that is shown here."""
        user = request.user
        if not isinstance(user, User) or not user.is_active or user.is_bot:
            return False
        if not hasattr(request, "admin_viewing"):
            at = timezone.now()
            request.admin_viewing = Viewing(  # type: ignore[attr-defined]
                subject_of(user, at=at), at
            )
        viewing = viewing_of(request)
        return any(shown.may(viewing) for shown in self._registry.values())

    def may_see_events(self, request: HttpRequest) -> bool:
        """Whether the log is shown to whoever looks."""
        return bool(viewing_of(request).subject.may("read", "event"))

    def address_of_events(self, about: Any) -> str:
        """Where the events about an object are listed."""
        return f"{address_of('audit_ledgerentry', 'changelist')}?event__about_id={about}"

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """The view, for those who may enter; nobody else learns what is behind it."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not self.has_permission(request):
                raise PermissionDenied(_("The admin is for those who watch over the plane."))
            return view(request, *args, **kwargs)

        return update_wrapper(csrf_protect(never_cache(guarded)), view)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one sign-in, and it is not here."""
        return redirect("admin:index")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out where everybody does."""
        response: HttpResponse = sign_out(request)
        return response

    # what is there

    def get_urls(self) -> list[Any]:
        """Without passwords, searches that go round the lists, and shortcuts to anywhere."""
        return [
            one
            for one in super().get_urls()
            if getattr(one, "name", None) in KEPT_ADDRESSES or hasattr(one, "url_patterns")
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """How the plane is doing."""
        viewing = viewing_of(request)
        found = {
            "backlogs": backlog.backlogs_for(viewing.subject, at=viewing.at),
            "jobs": backlog.jobs(at=viewing.at),
            "at": viewing.at,
            "title": _("How the plane is doing"),
        }
        page: TemplateResponse = super().index(request, found | (extra_context or {}))
        return page

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The places that the viewer may go to."""
        seen = self._seen_by(request)
        home = {
            "title": _("Overview"),
            "icon": "monitor_heart",
            "link": reverse("admin:index"),
        }
        items = [home | self._state_of(request, home["link"], exact=True)]
        groups: list[dict[str, Any]] = [{"items": items}]
        for title, places in PLACES:
            found = list(self._items(request, places, seen))
            if found:
                groups.append({"title": title, "separator": True, "items": found})
        return groups

    def _seen_by(self, request: HttpRequest) -> set[str]:
        return {
            model._meta.label_lower.replace(".", "_")
            for model, shown in self._registry.items()
            if shown.has_module_permission(request)
        }

    def _items(
        self, request: HttpRequest, places: Iterable[tuple[str, Text, str]], seen: set[str]
    ) -> Iterable[dict[str, Any]]:
        for model, title, icon in places:
            if model in seen:
                address = address_of(model, "changelist")
                item = {"title": title, "icon": icon, "link": address}
                yield item | self._state_of(request, address)

    @staticmethod
    def _state_of(
        request: HttpRequest, address: str, *, exact: bool = False
    ) -> dict[str, bool]:
        here = request.path == address if exact else request.path.startswith(address)
        return {"active": here, "has_permission": True}
