"""The admin of users: who they are, what they hold, and whether they are let in."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from accessplane.lib.admins import (
    NOTHING,
    Shown,
    active_badge,
    address_of,
    link,
    moment_column,
    moment_text,
    preformatted,
)
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from accessplane.lib.instants import spoken
from identity import documents, selectors
from identity.editing import Edit
from identity.models import Invitation, User
from identity.selectors import subject_of
from identity.services import invitations, sessions, users
from identity.sessions import admin_actor_of


def _may_update_users(viewing: Viewing) -> bool:
    return bool(viewing.subject.may("update", "user"))


class Deactivate(Deed):
    """Let somebody in no longer."""

    name, label, icon = "deactivate", gettext_lazy("Deactivate"), "person_off"
    variant = ActionVariant.DANGER
    warning = gettext_lazy(
        "From this moment nothing lets this user in, no role is held any more, and no review of "
        "theirs is waited for. Their grants stay on record."
    )

    def is_for(self, viewing: Viewing) -> bool:
        return _may_update_users(viewing)

    def fits(self, obj: User, at: Any) -> bool:
        return obj.is_active

    def do(self, request: HttpRequest, obj: User, said: dict[str, Any]) -> Done:
        return _set_active(request, obj, is_active=False)


class Activate(Deed):
    """Let somebody in again."""

    name, label, icon = "activate", gettext_lazy("Activate"), "person_check"
    variant = ActionVariant.PRIMARY
    explanation = gettext_lazy(
        "The user can sign in again, and holds the roles and grants that are still theirs."
    )

    def is_for(self, viewing: Viewing) -> bool:
        return _may_update_users(viewing)

    def fits(self, obj: User, at: Any) -> bool:
        return not obj.is_active

    def do(self, request: HttpRequest, obj: User, said: dict[str, Any]) -> Done:
        return _set_active(request, obj, is_active=True)


class EndSessions(Deed):
    """Sign somebody out everywhere."""

    name, label, icon = "end-sessions", gettext_lazy("End sessions"), "logout"
    variant = ActionVariant.DANGER
    explanation = gettext_lazy(
        "The user is signed out of the pages, everywhere. API tokens stay as they are."
    )

    def is_for(self, viewing: Viewing) -> bool:
        return _may_update_users(viewing)

    def do(self, request: HttpRequest, obj: User, said: dict[str, Any]) -> Done:
        ended = sessions.end_sessions_of(
            user_id=obj.pk,
            subject=viewing_of(request).subject,
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        if not ended:
            return Done(_("%(email)s was signed in nowhere.") % {"email": obj.email})
        return Done(
            _("%(email)s is signed out. Sessions that ended: %(ended)s.")
            % {"email": obj.email, "ended": ended}
        )


class Invite(Deed):
    """Send somebody a link to set a first password."""

    name, label, icon = "invite", "Send an invitation", "forward_to_inbox"
    explanation = (
        "A mail goes to the user's address, with a link to set a first password. It works once, "
        "and for some days; one that was sent before stops working."
    )

    def is_for(self, viewing: Viewing) -> bool:
        return _may_update_users(viewing)

    def fits(self, obj: User, at: Any) -> bool:
        return invitations.may_be_invited(obj)

    def do(self, request: HttpRequest, obj: User, said: dict[str, Any]) -> Done:
        invitation = invitations.invite(
            user_id=obj.pk,
            subject=viewing_of(request).subject,
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        until = spoken(invitation.expires_at)
        return Done(f"A mail is on its way to {obj.email}. Its link works until {until}.")


def _set_active(request: HttpRequest, user: User, *, is_active: bool) -> Done:
    users.set_active(
        user_id=user.pk,
        is_active=is_active,
        subject=viewing_of(request).subject,
        by=admin_actor_of(request),
        at=timezone.now(),
    )
    said = _("%(email)s is active again.") if is_active else _("%(email)s is active no longer.")
    return Done(said % {"email": user.email})


def user_text(user: User) -> str:
    """The document of a user."""
    spec: dict[str, Any] = {
        "display_name": user.display_name,
        "roles": _static_roles(user),
        "traits": user.traits,
        "bot": user.is_bot,
        "owner": user.owner.email if user.owner else "",
        "active": user.is_active,
    }
    return documents.to_yaml("user", user.email, {key: v for key, v in spec.items() if v != ""})


def _static_roles(user: User) -> list[str]:
    return list(user.assignments.order_by("position").values_list("role__name", flat=True))


@admin.register(User)
class Users(Shown):
    """Who there is, what they hold, and what is done about them."""

    kind = "user"
    linked_by = ("email",)
    list_display = ("email", "display_name", "sort", "standing", "state", "since")
    list_filter = ("is_active", "is_bot")
    search_fields = ("email", "display_name")
    search_help_text = gettext_lazy("Part of an address or a name")
    ordering = ("email",)
    deeds = (
        Edit("user", text_of=user_text, name_of=lambda user: user.email),
        Deactivate(),
        Activate(),
        EndSessions(),
        Invite(),
    )
    fieldsets = (
        (None, {"fields": ("email", "display_name", "sort", "owned_by", "state", "since")}),
        (gettext_lazy("Sign-in"), {"fields": ("address", "invited")}),
        (gettext_lazy("Rights"), {"fields": ("held_always", "held_for_now", "traits_text")}),
    )
    change_form_after_template = "identity/admin_user.html"
    since = moment_column("created_at", gettext_lazy("Known since"))

    def seen(self, viewing: Viewing) -> "QuerySet[User]":
        visible = selectors.users_visible_to(viewing.subject).select_related("owner")
        return visible.annotate(standing_count=Count("assignments"))

    def more(self, request: HttpRequest, obj: User) -> dict[str, Any]:
        viewing = viewing_of(request)
        tokens_of_user = None
        if viewing.subject.may("read", "token"):
            found = selectors.tokens_visible_to(viewing.subject).filter(user=obj)
            newest = found.order_by("-created_at", "-pk")
            tokens_of_user = [one for one in newest if one.is_open(viewing.at)]
        return {"tokens": tokens_of_user, "elsewhere": _about(obj, viewing)}

    @display(description=gettext_lazy("Kind"), ordering="is_bot")
    def sort(self, user: User) -> str:
        return _("Bot") if user.is_bot else _("Person")

    @display(description=gettext_lazy("State"), ordering="is_active")
    def state(self, user: User) -> SafeString:
        return active_badge(user.is_active, otherwise=_("Inactive"))

    @display(description=gettext_lazy("E-mail address"))
    def address(self, user: User) -> str:
        return _("Confirmed") if user.has_confirmed_email else _("Not confirmed")

    @display(description=gettext_lazy("Invited until"))
    def invited(self, user: User) -> str:
        open_one = Invitation.objects.filter(user=user, expires_at__gt=timezone.now()).first()
        return moment_text(open_one.expires_at if open_one else None)

    @display(description=gettext_lazy("Standing roles"), ordering="standing_count")
    def standing(self, user: Any) -> int:
        return int(user.standing_count)

    @display(description=gettext_lazy("Owner"))
    def owned_by(self, user: User) -> Any:
        owner = user.owner
        return (
            link(address_of("identity_user", "change", owner.pk), owner.email) if owner else ""
        )

    @display(description=gettext_lazy("Roles held all the time"))
    def held_always(self, user: User) -> str:
        return ", ".join(_static_roles(user))

    @display(description=gettext_lazy("Roles held now"))
    def held_for_now(self, user: User) -> str:
        subject = subject_of(user, at=timezone.now())
        elevated = {role.name for role in subject.elevated}
        held = {*subject.role_names, *elevated}
        through = {name: f"{name} (by a grant)" for name in elevated - {*subject.role_names}}
        return ", ".join(through.get(name, name) for name in sorted(held))

    @display(description=gettext_lazy("Traits"))
    def traits_text(self, user: User) -> str:
        return (
            preformatted(
                "\n".join(
                    f"{name}: {', '.join(values)}" for name, values in user.traits.items()
                )
            )
            if user.traits
            else NOTHING
        )


def _about(user: User, viewing: Viewing) -> list[tuple[str, str]]:
    """Where else there is something of this user, as far as the viewer may go there."""
    places = (
        ("access_request", "requests_app_accessrequest", "requester__email", _("Requests")),
        ("grant", "requests_app_grant", "user__email", _("Grants")),
        ("token", "identity_apitoken", "user__email", _("API tokens")),
        ("user", "chatops_linkedaccount", "user__email", _("Linked accounts")),
        ("event", "audit_ledgerentry", "event__actor_name", _("What the user did")),
    )
    return [
        (f"{address_of(model, 'changelist')}?{urlencode({field: user.email})}", text)
        for kind, model, field, text in places
        if viewing.subject.may("read", kind)
    ]
