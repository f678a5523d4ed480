"""What people say through a channel that takes answers, and what they are told."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessplane.lib.errors import DomainError, InvalidInput, NotFound
from accessplane.lib.words import in_the_planes_language
from chatops import selectors
from chatops.channels import registry
from chatops.channels.base import DeliveryFailed
from chatops.channels.inbound import Call, Click, Listening, Outcome, Reply, Said, TryLater
from chatops.messages import Deed
from chatops.models import ChannelConfig
from chatops.services import answers, deeds
from chatops.services.answers import NotLinked
from chatops.services.channels import opened
from identity.models import User

log = logging.getLogger(__name__)

_DONE = {
    Deed.APPROVE: gettext_lazy("Your approval counts."),
    Deed.DENY: gettext_lazy("Your denial counts."),
    Deed.EXTEND: gettext_lazy("You asked for more time."),
    Deed.GIVE_BACK: gettext_lazy("You gave the access back."),
}
_PASSED_OVER = Reply(status=HTTPStatus.ACCEPTED)
_NOT_THE_SERVICE = Reply(status=HTTPStatus.UNAUTHORIZED)
_UNREADABLE = Reply(status=HTTPStatus.BAD_REQUEST)
_LATER = Reply(status=HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Desk:
    """A channel with its settings, at which the people of one service arrive."""

    config: ChannelConfig
    channel: Listening


def take(
    kind: str,
    door: str,
    *,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> Reply:
    """Do what was said at this door of the channels of this type; return what the service gets.

    What no active channel's service signed is 401, what the service never sends 400, and 503 what
    may be said again. What means nothing, or was heard before, is passed over. Whoever did what
    is refused is told so. `NotFound` if there is no such door. Not for use inside a transaction.
    """
    if door not in registry.doors_of(kind):
        raise NotFound(_("There is no such door."))
    call = Call(door=door, headers=headers, query=query, body=body)
    try:
        desks = [desk for desk in _desks(kind) if desk.channel.has_signed(call, at=at)]
        with in_the_planes_language():
            return _first_answer(desks, call, at=at) if desks else _NOT_THE_SERVICE
    except InvalidInput:
        return _UNREADABLE
    except TryLater:
        return _LATER


def _desks(kind: str) -> list[Desk]:
    """The active channels of this type; those without their secrets hear nothing."""
    desks = []
    for config in ChannelConfig.objects.filter(type=kind, is_active=True).order_by("name"):
        try:
            channel = registry.listening(opened(config))
        except DeliveryFailed as failure:
            log.warning("The channel %s cannot be opened: %s", config, failure.sentence)
            continue
        desks.append(Desk(config, channel))
    return desks


def _first_answer(desks: list[Desk], call: Call, *, at: datetime) -> Reply:
    """The answer of the first channel that is meant; several may share a secret."""
    for desk in desks:
        heard = desk.channel.read(call, at=at)
        if isinstance(heard, Reply):
            return heard
        if isinstance(heard, Click):
            return _clicked(desk, heard, at=at)
        object_id = heard and _object_of(desk, heard)
        if heard and object_id:
            return _said(desk, heard, object_id, at=at)
    return _PASSED_OVER


def _object_of(desk: Desk, said: Said) -> UUID | None:
    if said.object_id or not said.posted:
        return said.object_id
    return selectors.request_behind(said.posted, desk.config)


def _clicked(desk: Desk, click: Click, *, at: datetime) -> Reply:
    """Ask what the deed needs, or say why not; heard once it is known who that was."""
    try:
        user = _user_behind(desk, click)
    except NotLinked as stranger:
        return _tell_once(desk, click, _refused(stranger), at=at)
    if not answers.hear(desk.config, click.key, at=at):
        return _PASSED_OVER
    try:
        by = answers.actor_through(user, desk.config)
        sheet = deeds.sheet_for(click.deed, click.object_id, user, by=by, at=at)
        return registry.asking(desk.channel).ask(click, sheet)
    except DomainError as refusal:
        return _tell(desk, click, _refused(refusal))
    except DeliveryFailed as failure:
        log.warning("A dialog could not be opened: %s", failure.sentence)
        late = Outcome(text=_("The window did not open in time. Press the button again."))
        return _tell(desk, click, late)


def _said(desk: Desk, said: Said, object_id: UUID, *, at: datetime) -> Reply:
    """Do it and say how it went: heard if and only if it counted, or was refused."""
    try:
        user = _user_behind(desk, said)
    except NotLinked as stranger:
        return _tell_once(desk, said, _refused(stranger), at=at)
    by = answers.actor_through(user, desk.config)
    outcome = Outcome(text=str(_DONE[said.deed]), is_done=True)
    with transaction.atomic():
        if not answers.hear(desk.config, said.key, at=at):
            return _PASSED_OVER
        try:
            deeds.do(said.deed, object_id, said, user=user, by=by, at=at)
        except InvalidInput as refusal:
            outcome = replace(_refused(refusal), field=deeds.field_of(refusal, said.deed))
        except DomainError as refusal:
            outcome = _refused(refusal)
    return _tell(desk, said, outcome)


def _user_behind(desk: Desk, heard: Click | Said) -> User:
    """The user that acts as this account; `NotLinked` says what its owner can do about it.

    Where others read that, the link is of use only to the owner of the address that the service
    has for the account. Raises `TryLater` while the service does not tell the address.
    """
    try:
        return answers.user_behind(desk.config, heard.account)
    except NotLinked:
        if not desk.channel.links_by_email and not desk.channel.is_overheard:
            raise
        email = _email_of(desk, heard.account)
    if desk.channel.links_by_email:
        try:
            return answers.user_behind(desk.config, heard.account, verified_email=email)
        except NotLinked as stranger:
            if desk.channel.is_overheard:
                stranger.link = ""
            raise
    raise _unlinked(desk, heard.account, email)


def _unlinked(desk: Desk, account: str, email: str) -> NotLinked:
    if not email:
        return NotLinked(_("This account is linked to nobody here."), link="")
    link = answers.link_address(desk.config, account, email=email)
    return NotLinked(_("This account is linked to nobody here yet."), link=link)


def _email_of(desk: Desk, account: str) -> str:
    """The address that the service has for the account; nothing if it never tells."""
    try:
        return desk.channel.verified_email(account)
    except DeliveryFailed as failure:
        log.warning("%s did not say who %s is: %s", desk.config, account, failure.sentence)
        if not failure.permanent:
            raise TryLater(failure.sentence) from failure
        return ""


def _refused(refusal: DomainError) -> Outcome:
    link = refusal.link if isinstance(refusal, NotLinked) else ""
    return Outcome(text=refusal.detail, link=link)


def _tell_once(desk: Desk, heard: Click | Said, outcome: Outcome, *, at: datetime) -> Reply:
    is_new = answers.hear(desk.config, heard.key, at=at)
    return _tell(desk, heard, outcome) if is_new else _PASSED_OVER


def _tell(desk: Desk, heard: Click | Said, outcome: Outcome) -> Reply:
    """Tell whoever did it; what could not be told is lost."""
    try:
        return desk.channel.tell(heard, outcome)
    except DeliveryFailed as failure:
        log.warning("How it went could not be told: %s", failure.sentence)
        return _PASSED_OVER
