"""Pages: the roles, and one of them, to be read."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accessplane.lib.filters import Filters
from accessplane.lib.pages import Page
from identity.selectors import subject_of
from identity.sessions import user_of
from requests_app import page_data, role_pages

_ROWS = 50
MINE = "requestable"


class RoleFilters(Filters):
    """Which roles to show."""

    q = forms.CharField(
        required=False,
        label=_("Search"),
        max_length=200,
        widget=forms.SearchInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": _("A name, or what it opens"),
            }
        ),
    )
    show = forms.ChoiceField(
        required=False,
        label=_("Show"),
        choices=[("", _("Every role")), (MINE, _("Roles that I may request"))],
    )


class Roles(Page):
    """The roles that the viewer may see."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them by name."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        form = RoleFilters(request.GET)
        wanted = form.wanted() if form.is_valid() else {}
        found = role_pages.roles_found(
            subject, wanted.get("q", ""), requestable_only=wanted.get("show") == MINE
        )
        rows = Paginator(found, _ROWS).get_page(request.GET.get("page"))
        context = page_data.common(subject, at=at) | {
            "form": form,
            "chips": form.chips(),
            "rows": rows,
            "roles": role_pages.rows_of(subject, list(rows)),
            "sees_all": subject.may("read", "role"),
        }
        status = 400 if form.errors else 200
        return render(request, "requests_app/roles.html", context, status=status)


class OneRole(Page):
    """One role."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show what it opens, who may have it, and who has it."""
        context = role_pages.role_page(user_of(request), name, at=timezone.now())
        return render(request, "requests_app/role_page.html", context)
