"""Channels and routes from a form: what a type asks for, and the document that comes of it."""

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from django.conf import settings as plane

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput, NotPermitted
from chatops import selectors
from chatops.channels import registry
from chatops.models import ChannelConfig, Route
from chatops.services.channels import kept_secrets, shown_settings
from identity.documents import Document, Metadata
from identity.services import configuration
from identity.subject import Subject

PLACE = "the form"
_PATH = re.compile(r" - at `spec\.([a-z_.]+)(?:\[[^`]*)?`$")


class Shape(StrEnum):
    """How a setting is filled in."""

    HIDDEN = "HIDDEN"
    FLAG = "FLAG"
    CHOICE = "CHOICE"
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    VALUES = "VALUES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting that a type of channel asks for, as its `spec` describes it."""

    name: str
    shape: Shape
    hint: str
    choices: tuple[str, ...]
    is_required: bool
    default: Any


@dataclass(frozen=True, slots=True)
class ChannelType:
    """A type of channel as people choose it; `addresses` are where its service calls the plane."""

    name: str
    title: str
    settings: tuple[Setting, ...]
    addresses: tuple[str, ...]
    has_recipients: bool
    reaches_people: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChannel:
    """A channel as a form says it."""

    name: str
    type: str
    description: str
    settings: Mapping[str, Any]
    active: bool


class Misfit(InvalidInput):
    """The document that the form makes is not right; `field` is what of the form, if it is one."""

    def __init__(self, refusal: InvalidInput) -> None:
        sentences = [each for found in refusal.errors.values() for each in found]
        detail = sentences[0] if sentences else refusal.detail
        found = _PATH.search(detail)
        path = found[1].split(".") if found else [""]
        self.field = path[1] if path[0] == "settings" and path[1:] else path[0]
        super().__init__(_PATH.sub("", detail).rstrip(".") + ".")
        self.code = refusal.code  # type: ignore[misc]  # each class has its own


def types() -> list[ChannelType]:
    """The types of channels that there are, by title."""
    return sorted((type_named(name) for name in registry.names()), key=lambda kind: kind.title)


def type_named(name: str, settings: Mapping[str, Any] | None = None) -> ChannelType:
    """The type of this name, as a channel with these settings has it; `InvalidInput` if none."""
    kind = registry.type_named(name)
    struct = typing.get_type_hints(kind.spec)["settings"]
    return ChannelType(
        name=name,
        title=registry.title_of(name),
        settings=tuple(
            _setting(field, is_secret=field.encode_name in kind.secrets)
            for field in msgspec.structs.fields(struct)
        ),
        addresses=tuple(
            f"{plane.ACCESSPLANE_PUBLIC_URL}/chatops/{name}/{door}"
            for door in registry.addresses_of(name)
        ),
        has_recipients=registry.has_recipients(name, settings or {}),
        reaches_people=registry.reaches_people(name, settings or {}),
    )


def check_may(verb: str, kind: str, subject: Subject) -> None:
    """Refuse (`NotPermitted`) who may not do this with channels, or routes."""
    if not subject.may(verb, kind):
        raise NotPermitted(f"You may not {verb} a {kind}.")


def set_channel_up(
    channel: ChannelConfig | None,
    wanted: WantedChannel,
    *,
    subject: Subject,
    by: Actor,
    at: datetime,
) -> ChannelConfig:
    """Make the channel, or a new one, be as the form says.

    A secret of the `channel` that is not among the settings stays as it is, unless it would go to
    another address then: who says that must know it. Raises `Misfit` for what a document could
    not say either, and `NotPermitted`.
    """
    if channel is None and ChannelConfig.objects.filter(name=wanted.name).exists():
        raise Misfit(InvalidInput("There is a channel of this name - at `spec.name`"))
    kept = _kept(channel, wanted.settings) if channel else {}
    spec = {
        "type": wanted.type,
        "settings": kept | dict(wanted.settings),
        "active": wanted.active,
    }
    metadata = Metadata(
        name=wanted.name,
        description=wanted.description,
        labels=channel.labels if channel else {},
    )
    _apply("channel", metadata, spec, subject=subject, by=by, at=at)
    return selectors.channels_visible_to(subject).get(name=wanted.name)


def set_route_up(
    route: Route | None,
    name: str,
    spec: Mapping[str, Any],
    *,
    subject: Subject,
    by: Actor,
    at: datetime,
) -> None:
    """Make the route, or a new one, be as the form says; `Misfit`, `NotPermitted`."""
    if route is None and Route.objects.filter(name=name).exists():
        raise Misfit(InvalidInput("There is a route of this name - at `spec.name`"))
    metadata = Metadata(
        name=name,
        description=route.description if route else "",
        labels=route.labels if route else {},
    )
    _apply("route", metadata, spec, subject=subject, by=by, at=at)


def _kept(channel: ChannelConfig, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The secrets that were not given again."""
    kept = {
        name: value for name, value in kept_secrets(channel).items() if name not in settings
    }
    before = shown_settings(channel)
    moved = [
        name
        for name, value in before.items()
        if name.endswith("url") and name not in kept and settings.get(name, value) != value
    ]
    if kept and moved:
        secret = min(kept)
        raise Misfit(
            InvalidInput(
                f"Give this again: with another {moved[0]} it would be sent elsewhere "
                f"- at `spec.settings.{secret}`"
            )
        )
    return kept


def _apply(
    kind: str,
    metadata: Metadata,
    spec: Mapping[str, Any],
    *,
    subject: Subject,
    by: Actor,
    at: datetime,
) -> None:
    document = Document(kind, metadata.name, metadata, spec, PLACE)
    try:
        configuration.apply_documents([document], by=by, may=subject.may, at=at)
    except InvalidInput as refusal:
        raise Misfit(refusal) from refusal


def _setting(field: msgspec.structs.FieldInfo, *, is_secret: bool) -> Setting:
    described = msgspec.inspect.type_info(field.type)
    hint = ""
    if isinstance(described, msgspec.inspect.Metadata):
        hint = (described.extra_json_schema or {}).get("description", "")
        described = described.type
    choices = (
        tuple(str(value) for value in described.values)
        if isinstance(described, msgspec.inspect.LiteralType)
        else ()
    )
    default = None if field.default in {msgspec.NODEFAULT, msgspec.UNSET} else field.default
    return Setting(
        name=field.encode_name,
        shape=Shape.HIDDEN if is_secret else _shape_of(described),
        hint=hint,
        choices=choices,
        is_required=field.required,
        default=default,
    )


_SHAPES: dict[type[msgspec.inspect.Type], Shape] = {
    msgspec.inspect.BoolType: Shape.FLAG,
    msgspec.inspect.LiteralType: Shape.CHOICE,
    msgspec.inspect.IntType: Shape.NUMBER,
    msgspec.inspect.StrType: Shape.TEXT,
    msgspec.inspect.UUIDType: Shape.TEXT,
}


def _shape_of(described: msgspec.inspect.Type) -> Shape:
    """A text where one of several shapes is a text; what has no shape of its own is values."""
    if isinstance(described, msgspec.inspect.UnionType):
        shapes = {_shape_of(one) for one in described.types}
        return Shape.TEXT if Shape.TEXT in shapes else Shape.VALUES
    return _SHAPES.get(type(described), Shape.VALUES)
