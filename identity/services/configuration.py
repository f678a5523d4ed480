"""Configuration documents, applied together: all of them or none (CONTRACT 2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from django.db import transaction

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput, NotPermitted
from identity.documents import Document, check_no_twins
from identity.services import connectors, roles, users
from identity.services.outcomes import Outcome, Result

Permission = Callable[[str, str], bool]


class Apply(Protocol):
    """Makes the object of one document be as the document says."""

    def __call__(self, document: Document, *, by: Actor, at: datetime) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. Lower `order` first: a kind may name objects of the kinds before it."""

    name: str
    order: int
    apply: Apply
    warn: Callable[[Document], Sequence[str]] | None = None


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Take a kind of document from the app whose objects it describes."""
    _kinds[kind.name] = kind


register_kind(Kind("role", 0, roles.apply_role, roles.unknown_suggestions))
register_kind(Kind("connector", 1, connectors.apply_connector, connectors.unknown_roles))
register_kind(Kind("user", 2, users.apply_user))


def everything(_verb: str, _resource: str) -> bool:
    """The permission of whoever has a shell on the plane."""
    return True


def apply_documents(
    documents: Sequence[Document],
    *,
    by: Actor,
    may: Permission,
    at: datetime,
    dry_run: bool = False,
) -> list[Outcome]:
    """Apply all documents in one transaction, or none; the outcomes are in their order.

    Names may refer forward. `may(verb, resource)` is asked for `create` and `update` of each
    kind that would be changed. Raises `InvalidInput` or `NotPermitted` naming the document.
    A dry run does the same and stores nothing.
    """
    check_no_twins(documents)
    with transaction.atomic():
        # Only once all are applied is it known which names stand for nobody.
        applied = {d: _apply(d, by=by, may=may, at=at) for d in sorted(documents, key=_order)}
        outcomes = [_with_warnings(applied[document]) for document in documents]
        if dry_run:
            transaction.set_rollback(True)
    return outcomes


def _order(document: Document) -> tuple[int, bool]:
    """Kinds in their order; people before bots, whose documents may name their owners."""
    return _kind_of(document).order, bool(document.spec.get("bot"))


def _apply(document: Document, *, by: Actor, may: Permission, at: datetime) -> Outcome:
    kind = _kind_of(document)
    if not (may("create", kind.name) or may("update", kind.name)):
        raise NotPermitted(f"You may not change {kind.name} documents.")
    try:
        outcome = kind.apply(document, by=by, at=at)
    except InvalidInput as refusal:
        raise document.refusal(refusal) from refusal
    verb = {Result.CREATED: "create", Result.UPDATED: "update"}.get(outcome.result)
    if verb and not may(verb, kind.name):
        raise NotPermitted(f"You may not {verb} {kind.name} documents.")
    return outcome


def _kind_of(document: Document) -> Kind:
    kind = _kinds.get(document.kind)
    if kind is None:
        known = ", ".join(sorted(_kinds))
        raise InvalidInput(
            f"{document.place}: {document.kind[:40]!r} is no kind of document; "
            f"there are {known}."
        )
    return kind


def _with_warnings(outcome: Outcome) -> Outcome:
    warn = _kind_of(outcome.document).warn
    more = warn(outcome.document) if warn else ()
    return replace(outcome, warnings=[*outcome.warnings, *more])
