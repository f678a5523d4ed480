"""Channels from documents, and a sample through one of them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from accessplane.lib import secret_texts
from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput, NotFound, NotPermitted
from accessplane.lib.instants import text_of
from accessplane.lib.secret_texts import SecretMissing
from accessplane.lib.words import in_the_planes_language
from audit.recorder import record
from chatops import lifecycle, selectors
from chatops.channels import registry
from chatops.channels.base import Channel, DeliveryFailed
from chatops.events import ChannelArchived, ChannelCreated, ChannelUpdated
from chatops.messages import SAMPLE, Audience, Message
from chatops.models import ChannelConfig
from chatops.specs import ChannelSpec, check_name, plain
from identity.documents import Document
from identity.services.outcomes import Outcome, Result
from identity.specs import parse
from identity.subject import Subject


@dataclass(frozen=True, slots=True)
class Report:
    """How a sample went, in a sentence."""

    delivered: bool
    detail: str


def apply_channel(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the channel or make it be as the document says; `InvalidInput` if that is wrong.

    A secret that is written out is sealed and never shown again; `stored` keeps it, as long as
    no other setting changes: with its secret, a channel could be led to somebody else.
    """
    check_name(document.name)
    kind = registry.type_named(document.spec.get("type"))
    channel = ChannelConfig.objects.select_for_update().filter(name=document.name).first()
    spec = _parsed(document.spec, channel, kind)
    wanted = {
        "description": document.metadata.description,
        "labels": document.metadata.labels,
        "type": spec.type,
        "is_active": spec.active,
    }
    if channel is None:
        rested = lifecycle.rested(kind.pace, at=at)
        channel = ChannelConfig(
            name=document.name, created_at=at, next_at=at, paced_at=rested, **wanted
        )
        channel.settings = _kept(channel, kind, spec)
        channel.save()
        record(ChannelCreated(about=channel.about, spec=shown_spec(channel)), by=by, at=at)
        return Outcome(document, Result.CREATED)
    changed = [field for field in wanted if getattr(channel, field) != wanted[field]]
    if "type" in changed or not _same_settings(channel, kind, spec):
        channel.settings = _kept(channel, kind, spec)
        changed.append("settings")
    if not changed:
        return Outcome(document, Result.UNCHANGED)
    _update(channel, wanted, changed, by=by, at=at)
    return Outcome(document, Result.UPDATED)


def opened(channel: ChannelConfig) -> Channel:
    """The channel, ready to post; `DeliveryFailed` if one of its secrets is not to be had."""
    kind = registry.type_named(channel.type)
    purpose = _purpose(channel)
    try:
        said = _mapped(channel, lambda kept: secret_texts.revealed(kept, purpose=purpose))
    except SecretMissing as error:
        raise DeliveryFailed(error.sentence) from error
    return kind(said | {"channel": str(channel.pk)})


def shown_settings(channel: ChannelConfig) -> dict[str, Any]:
    """The settings as people may see them: a secret is `env:NAME` or `stored`.

    None of a channel whose type is gone: which of them are secret, nobody knows.
    """
    if channel.type not in registry.names():
        return {}
    return _mapped(channel, secret_texts.shown)


def shown_spec(channel: ChannelConfig) -> dict[str, Any]:
    """The channel's document, its secrets left out."""
    return {
        "type": channel.type,
        "settings": shown_settings(channel),
        "active": channel.is_active,
    }


def kept_secrets(channel: ChannelConfig) -> dict[str, Any]:
    """The channel's secrets as a document would give them again.

    For the document that changes something else about the channel, and for nobody's eyes. One
    that cannot be read any more is left out.
    """
    kind, purpose = registry.type_named(channel.type), _purpose(channel)

    def given(kept: str) -> str:
        if kept.startswith("env:"):
            return kept
        return secret_texts.revealed(kept, purpose=purpose)

    found = {}
    for name in kind.secrets & channel.settings.keys():
        with suppress(SecretMissing):
            found[name] = _each(channel.settings[name], given)
    return found


def send_sample(
    *, name: str, to: str = "", subject: Subject, by: Actor, at: datetime
) -> Report:
    """Post a made-up event through the channel now, outside any transaction.

    To nobody, a channel that has recipients only tries its key. `NotFound` for who does not see
    channels, `NotPermitted` without `update` on `channel`.
    """
    channel = selectors.channels_visible_to(subject).filter(name=name).first()
    if channel is None:
        raise NotFound(_("There is no such channel."))
    if not subject.may("update", "channel"):
        raise NotPermitted(_("You may not send anything through a channel."))
    sample = uuid4()
    try:
        with in_the_planes_language():
            message = _sample(sample, channel, by, at)
            detail = opened(channel).post(message, to=to, key=str(sample), at=at)
    except DeliveryFailed as failure:
        return Report(delivered=False, detail=failure.sentence)
    return Report(delivered=True, detail=detail)


def _update(
    channel: ChannelConfig,
    wanted: Mapping[str, Any],
    changed: list[str],
    *,
    by: Actor,
    at: datetime,
) -> None:
    for field, value in wanted.items():
        setattr(channel, field, value)
    channel.next_at = at
    channel.problem, channel.problem_at = "", None
    channel.save()
    spec = shown_spec(channel)
    names = [field.removeprefix("is_") for field in changed]
    if "is_active" in changed and not channel.is_active:
        record(ChannelArchived(about=channel.about, spec=spec), by=by, at=at)
    else:
        record(ChannelUpdated(about=channel.about, spec=spec, changed=names), by=by, at=at)


def _kept(channel: ChannelConfig, kind: type[Channel], spec: ChannelSpec) -> dict[str, Any]:
    """The settings as they are stored."""
    purpose = _purpose(channel)
    settings = plain(spec.settings)
    return {
        name: _each(value, lambda one: secret_texts.stored(one, purpose=purpose))
        if name in kind.secrets
        else value
        for name, value in settings.items()
    }


def _parsed(
    said: Mapping[str, Any], channel: ChannelConfig | None, kind: type[Channel]
) -> ChannelSpec:
    """What the document says, with the secrets that it only calls `stored` in their places."""
    given = said.get("settings")
    if channel is None or channel.type != kind.kind or not isinstance(given, Mapping):
        return parse(said, kind.spec)
    shown = shown_settings(channel)
    keeps = [name for name in sorted(kind.secrets) if _is_kept(given.get(name), shown, name)]
    if not keeps:
        return parse(said, kind.spec)
    try:
        kept = {name: _revealed(channel, name, shown[name]) for name in keeps}
    except SecretMissing as error:
        raise InvalidInput(f"{error.sentence} - at `spec.settings.{keeps[0]}`") from error
    spec = parse({**said, "settings": {**given, **kept}}, kind.spec)
    if not _same_settings(channel, kind, spec):
        raise InvalidInput(
            "A stored secret is kept only while no other setting changes: write it out "
            f"- at `spec.settings.{keeps[0]}`"
        )
    return spec


def _is_kept(value: Any, shown: Mapping[str, Any], name: str) -> bool:
    """Whether a document says of this secret what is shown of it, and no more than that."""
    texts = value if isinstance(value, list) else [value]
    return secret_texts.STORED in texts and value == shown.get(name)


def _revealed(channel: ChannelConfig, name: str, shown: Any) -> Any:
    """The secret of this name, or each of a list; what comes from the environment stays there."""

    def one(kept: str, text: str) -> str:
        if text != secret_texts.STORED:
            return text
        return secret_texts.revealed(kept, purpose=_purpose(channel))

    kept = channel.settings[name]
    if isinstance(kept, str):
        return one(kept, shown)
    return [one(each, text) for each, text in zip(kept, shown, strict=True)]


def _same_settings(channel: ChannelConfig, kind: type[Channel], spec: ChannelSpec) -> bool:
    purpose = _purpose(channel)
    settings = plain(spec.settings)
    if settings.keys() != channel.settings.keys():
        return False
    for name, value in settings.items():
        kept = channel.settings[name]
        if name not in kind.secrets:
            if value != kept:
                return False
        elif not _same_secrets(value, kept, purpose):
            return False
    return True


def _same_secrets(given: Any, kept: Any, purpose: str) -> bool:
    if isinstance(given, str) or isinstance(kept, str):
        given, kept = (value if isinstance(value, str) else None for value in (given, kept))
        return bool(given and kept) and secret_texts.same(given, kept, purpose=purpose)
    return len(given) == len(kept) and all(
        secret_texts.same(one, other, purpose=purpose)
        for one, other in zip(given, kept, strict=True)
    )


def _mapped(channel: ChannelConfig, change: Any) -> dict[str, Any]:
    """The stored settings, each secret changed."""
    secrets = registry.type_named(channel.type).secrets
    return {
        name: _each(value, change) if name in secrets else value
        for name, value in channel.settings.items()
    }


def _each(value: Any, change: Any) -> Any:
    """The value, or each value of a list, changed."""
    return change(value) if isinstance(value, str) else [change(one) for one in value]


def _purpose(channel: ChannelConfig) -> str:
    """A sealed secret is of use in its own channel only."""
    return f"channel:{channel.pk}"


def _sample(sample: UUID, channel: ChannelConfig, by: Actor, at: datetime) -> Message:
    return Message(
        event=_sample_event(sample, channel, by, at),
        audience=Audience.ROOM,
        conversation=sample,
        title=_("A sample from Access Plane"),
        news=_("If you can read this, the channel works."),
        link=settings.ACCESSPLANE_PUBLIC_URL,
    )


def _sample_event(
    sample: UUID, channel: ChannelConfig, by: Actor, at: datetime
) -> dict[str, Any]:
    """An event like those of the log, which is in no log."""
    return {
        "sequence": 0,
        "id": str(sample),
        "type": SAMPLE,
        "at": text_of(at),
        "actor": {
            "kind": by.kind,
            "id": str(by.id) if by.id else None,
            "name": by.name,
            "via": by.via,
            "ip": by.ip,
        },
        "about": {"kind": "channel", "id": str(channel.pk), "name": channel.name},
        "data": {},
        "hash": "",
    }
