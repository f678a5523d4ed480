"""Pages: one's own accounts at chat services, and what to hear of."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.errors import InvalidInput, NotFound
from accessplane.lib.pages import Button, Page, show_refusal
from chatops import selectors
from chatops.services import answers, delegating, preferences
from chatops.web import forms
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from requests_app import page_data


class AccountLink(Page):
    """Where the owner of an account at a chat service says who he is here."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show which account it is; opening the page links nothing."""
        at = timezone.now()
        context = page_data.common(subject_of(user_of(request), at=at), at=at)
        return render(request, "chatops/account_link.html", context | {"offer": _offer(token)})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Link it to whoever is signed in."""
        try:
            answers.link_account(
                token=token, user=user_of(request), by=actor_of(request), at=timezone.now()
            )
        except InvalidInput as refusal:
            raise NotFound(refusal.detail) from refusal
        messages.info(
            request, _("The account is linked. What you do there counts as yours here.")
        )
        return redirect("notifications-page")


class Notifications(Page):
    """What I hear of, where, who hears of it while I am away, and which accounts act as me."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show all that."""
        return _notifications(request, forms.NewDelegation())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what is ticked: `<channel's name>:<audience>`."""
        preferences.choose(user=user_of(request), ticked=set(request.POST.getlist("wanted")))
        messages.info(request, _("Saved."))
        return redirect("notifications-page")


class Delegations(Button):
    """The address of the form beside those who are told instead."""

    page = "notifications-page"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have somebody else told, or show what is wrong."""
        form = forms.NewDelegation(request.POST)
        if form.is_valid():
            try:
                made = delegating.delegate(
                    user=user_of(request),
                    **form.cleaned_data,
                    by=actor_of(request),
                    at=timezone.now(),
                )
            except InvalidInput as refusal:
                show_refusal(form, refusal)
            else:
                name = made.delegate.get_short_name()
                messages.info(request, _("%(name)s is told instead of you.") % {"name": name})
                return redirect("notifications-page")
        return _notifications(request, form, status=HTTPStatus.BAD_REQUEST)


class DelegationEnd(Button):
    """The address of the button beside a delegation."""

    page = "notifications-page"

    def post(self, request: HttpRequest, delegation_id: UUID) -> HttpResponse:
        """Take it back."""
        delegating.end_delegation(
            delegation_id=delegation_id,
            user=user_of(request),
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.info(request, _("You are told yourself again."))
        return redirect("notifications-page")


class AccountUnlink(Button):
    """The address of the button beside an account."""

    page = "notifications-page"

    def post(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Unlink the account."""
        answers.unlink_account(
            account_id=account_id,
            user=user_of(request),
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.info(request, _("The account acts as nobody here any more."))
        return redirect("notifications-page")


def _notifications(
    request: HttpRequest, form: forms.NewDelegation, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page, with the form as it was filled in."""
    user, at = user_of(request), timezone.now()
    context = page_data.common(subject_of(user, at=at), at=at) | {
        "choices": selectors.choices_of(user),
        "delegations": selectors.delegations_of(user, at=at).order_by("starts_at", "pk"),
        "form": form,
        "accounts": selectors.accounts_of(user),
    }
    return render(request, "chatops/notifications.html", context, status=status)


def _offer(token: str) -> answers.Offer:
    try:
        return answers.offer_of(token)
    except InvalidInput as refusal:
        raise NotFound(refusal.detail) from refusal
