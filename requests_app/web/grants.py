"""Pages: access that is held, will be, or was."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as now_translated
from django.utils.translation import gettext_lazy as _

from accessplane.lib import exports
from accessplane.lib.errors import Conflict, InvalidInput
from accessplane.lib.filters import Day, Filters, end_of, start_of
from accessplane.lib.pages import Button, Page
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from requests_app import grant_pages, page_data
from requests_app.holdings import GrantSearch, Stage
from requests_app.models import Grant
from requests_app.services import granting, timekeeping
from requests_app.states import GrantState
from requests_app.web.forms import Revocation

_ROWS = 50
_QUIET = {"autocomplete": "off", "spellcheck": "false"}


class GrantFilters(Filters):
    """Which grants to show; without a choice, those that are not over."""

    person = forms.CharField(
        required=False,
        label=_("Person"),
        max_length=254,
        widget=forms.TextInput(attrs={**_QUIET, "placeholder": _("A name or an address")}),
    )
    role = forms.CharField(
        required=False,
        label=_("Role"),
        max_length=128,
        widget=forms.TextInput(attrs={**_QUIET, "placeholder": _("A name or a title")}),
    )
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[
            ("", _("In force or to come")),
            (str(GrantState.ACTIVE), _("In force")),
            (str(GrantState.SCHEDULED), _("To come")),
            (Stage.OVER, _("Past")),
            (str(GrantState.EXPIRED), _("Ran out")),
            (str(GrantState.ENDED), _("Given back")),
            (str(GrantState.REVOKED), _("Revoked")),
            (Stage.ANY, _("Every state")),
        ],
    )
    since = Day(label=_("Held from"))
    until = Day(label=_("Held to"))

    def search(self) -> GrantSearch:
        """What to look for, once the form is valid."""
        said = self.wanted()
        state = said.get("state", Stage.NOT_OVER)
        is_stage = state in set(Stage)
        return GrantSearch(
            person=said.get("person"),
            words=said.get("role"),
            state=None if is_stage else GrantState(state),
            stage=Stage(state) if is_stage else Stage.ANY,
            since=start_of(said["since"]) if "since" in said else None,
            until=end_of(said["until"]) if "until" in said else None,
        )


class Grants(Page):
    """The grants that the viewer may see."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is looked for."""
        return _list(request)


class Taking(Button):
    """Take access away, from the list."""

    page = "grants-page"

    def post(self, request: HttpRequest, grant_id: UUID) -> HttpResponse:
        """Revoke the grant with a reason, and show the list as it was."""
        form = Revocation(request.POST)
        try:
            if form.is_valid():
                granting.revoke_grant(
                    grant_id=grant_id,
                    user=user_of(request),
                    reason=form.cleaned_data["reason"],
                    by=actor_of(request),
                    at=timezone.now(),
                )
                messages.info(
                    request, now_translated("You revoked the access. It ended at once.")
                )
                return redirect(_list_at(request))
        except InvalidInput as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
            return redirect(_list_at(request))
        context = {"revocation": form, "revoked_id": grant_id}
        return _list(request, context, status=HTTPStatus.BAD_REQUEST)


class Export(Page):
    """What is looked for, as a file; it holds what the viewer may see."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send it."""
        form = GrantFilters(request.GET)
        if not form.is_valid():
            return _list(request)  # which says what is wrong
        at = timezone.now()
        timekeeping.start_due(at=at)
        subject = subject_of(user_of(request), at=at)
        grants = grant_pages.grants_listed(subject, form.search(), at=at)

        def cells(grant: Grant) -> Sequence[Any]:
            return grant_pages.cells_of(grant, at=at)

        rows = exports.in_pieces(grants.select_related("user", "role"))
        content = exports.csv_of(rows, grant_pages.COLUMNS, cells)
        return exports.download(content, name="grants", kind=exports.CSV)


def _list(
    request: HttpRequest, more: dict[str, Any] | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    at = timezone.now()
    timekeeping.start_due(at=at)  # the filters look at stored states
    subject = subject_of(user_of(request), at=at)
    form = GrantFilters(request.GET)
    context = page_data.common(subject, at=at) | {
        "form": form,
        "chips": form.chips(),
        "sees_all": subject.may("read", "grant") or subject.may("revoke", "grant"),
        "most": number_format(exports.MOST, use_l10n=True, force_grouping=True),
    }
    if form.is_valid():
        found = grant_pages.grants_listed(subject, form.search(), at=at)
        rows = Paginator(grant_pages.with_request(found), _ROWS).get_page(
            request.GET.get("page")
        )
        context |= {"rows": rows, "grants": grant_pages.rows_of(subject, rows, at=at)}
    else:
        status = HTTPStatus.BAD_REQUEST
    return render(request, "requests_app/grants.html", context | (more or {}), status=status)


def _list_at(request: HttpRequest) -> str:
    query = GrantFilters(request.GET).query
    return f"{reverse('grants-page')}?{query}" if query else reverse("grants-page")
