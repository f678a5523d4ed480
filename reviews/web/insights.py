"""Page: figures of how deciding goes, for people who may read all requests and grants."""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accessplane.lib.errors import NotFound
from accessplane.lib.filters import Filters
from accessplane.lib.pages import Page
from identity.selectors import subject_of
from identity.sessions import user_of
from reviews import insights

_USUAL = 12
_NAMES = {4: _("4 weeks"), 12: _("12 weeks"), 26: _("Half a year"), 52: _("A year")}


class Period(Filters):
    """How far back to look."""

    weeks = forms.ChoiceField(
        required=False,
        choices=[(weeks, _NAMES[weeks]) for weeks in insights.PERIODS],
    )


class Insights(Page):
    """The figures."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show those of the period."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        if not insights.sees_insights(subject):
            raise NotFound(gettext("There is no such page."))
        form = Period(request.GET)
        weeks = int(form.wanted().get("weeks", _USUAL)) if form.is_valid() else _USUAL
        context = insights.insights(subject, weeks=weeks, at=at) | {
            "form": form,
            "weeks": weeks,
            "periods": [(number, _NAMES[number]) for number in insights.PERIODS],
        }
        status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
        return render(request, "reviews/insights.html", context, status=status)
