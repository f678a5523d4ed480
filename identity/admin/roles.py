"""The admin of roles."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessplane.lib.admins import (
    Shown,
    link,
    moment_column,
    preformatted,
)
from accessplane.lib.deeds import Viewing
from identity import documents, selectors
from identity.editing import Edit, New
from identity.models import Role

MOST_NAMES = 100


_NEW_ROLE = """\
kind: role
version: v1
metadata:
  name: the-name-of-the-role
  description: What it opens, and for whom it is
spec:
  allow:
    request:
      roles: []
"""


def role_text(role: Role) -> str:
    """The document of a role."""
    return documents.to_yaml(
        "role", role.name, role.spec, description=role.description, labels=role.labels
    )


@admin.register(Role)
class Roles(Shown):
    """What there is to ask for, and what the documents say."""

    kind = "role"
    list_display = ("name", "description", "held", "judges", "since")
    list_filter = ("reviews",)
    search_fields = ("name", "description")
    search_help_text = gettext_lazy("Part of a name or a description")
    ordering = ("name",)
    deeds = (Edit("role", text_of=role_text, name_of=lambda role: role.name),)
    openings = (New("role", begin_with=_NEW_ROLE, model=Role),)
    fieldsets = (
        (None, {"fields": ("name", "description", "labels_text", "since")}),
        (gettext_lazy("People"), {"fields": ("held_by", "asked_for_by", "through_grants")}),
        (gettext_lazy("Document"), {"fields": ("document",)}),
    )
    since = moment_column("created_at", gettext_lazy("Since"))

    def seen(self, viewing: Viewing) -> "QuerySet[Role]":
        holders = Count("assignments", filter=Q(assignments__user__is_active=True))
        return selectors.roles_visible_to(viewing.subject).annotate(holder_count=holders)

    @display(description=gettext_lazy("Holders"), ordering="holder_count")
    def held(self, role: Any) -> int:
        return int(role.holder_count)

    @display(description=gettext_lazy("Reviews"), boolean=True, ordering="reviews")
    def judges(self, role: Role) -> bool:
        return role.reviews

    @display(description=gettext_lazy("Labels"))
    def labels_text(self, role: Role) -> str:
        return ", ".join(f"{name}: {value}" for name, value in role.labels.items())

    @display(description=gettext_lazy("Held all the time by"))
    def held_by(self, role: Role) -> str:
        active = role.assignments.filter(user__is_active=True).order_by("user__email")
        return _names(active.values_list("user__email", flat=True)[: MOST_NAMES + 1])

    @display(description=gettext_lazy("May be asked for by"))
    def asked_for_by(self, role: Role) -> str:
        return _names(selectors.who_may_request(role.name)[: MOST_NAMES + 1])

    @display(description=gettext_lazy("Held for a while"))
    def through_grants(self, role: Role) -> SafeString:
        grants = reverse("admin:requests_app_grant_changelist")
        wanted = urlencode({"role__name": role.name, "state": "ACTIVE"})
        return link(f"{grants}?{wanted}", _("Grants in force"))

    @display(description=gettext_lazy("As it would be applied"))
    def document(self, role: Role) -> SafeString:
        return preformatted(role_text(role))


def _names(found: Any) -> str:
    names = list(found)
    if len(names) > MOST_NAMES:
        return format_html(_("{} and more"), ", ".join(names[:MOST_NAMES]))
    return ", ".join(names)
