"""Offering: what somebody may ask for, and what each of it would take (SEMANTICS 3, 4, 7.2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.conditions import RequestFacts
from identity.models import Role, User
from identity.requestable import requestable_among
from identity.selectors import specs_of
from identity.subject import Subject
from requests_app import explaining, planning, reviewers, sentences
from requests_app.explaining import Outlook
from requests_app.models import AccessRequest, Grant
from requests_app.models.request import pending_at
from requests_app.services.explaining import A_REASON, names_of

SHOWN = 40
_TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for: words, a label as `key: value`, and what is chosen already.

    Without `everything` a long list is cut.
    """

    words: str = ""
    label: str = ""
    chosen: frozenset[str] = frozenset()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A requestable role, as it is searched and listed."""

    role: Role

    @property
    def name(self) -> str:
        """Its name."""
        return self.role.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.role.title

    @property
    def labels(self) -> list[str]:
        """Its other labels, as `key: value`."""
        return [f"{key}: {text}" for key, text in self.role.labels.items() if key != _TITLE]

    def has(self, words: Sequence[str]) -> bool:
        """Whether each of the words stands somewhere in what is told of it."""
        told = (self.name, self.title, self.role.description, *self.labels)
        text = "\n".join(told).casefold()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A role that may be asked for: who decides, under which terms, and how one stands to it."""

    found: Found
    conditions: explaining.Conditions
    deciding: str
    is_chosen: bool
    always_held: bool
    grant: Grant | None
    pending: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The offers that were looked for, how many there are, and the labels one can look for."""

    offers: Sequence[Offer]
    fitting: int
    total: int
    labels: Sequence[str]
    unknown: Sequence[str]


def catalogue(user: User, subject: Subject, wanted: Wanted, *, at: datetime) -> Catalogue:
    """What the user may ask for, chosen roles first, then by title (seven statements at most).

    `unknown` are chosen names that may not be asked for, or do not exist.
    """
    roles = {role.name: Found(role) for role in _LISTED.order_by("name")}
    mine = [roles[name] for name in requestable_among(subject, roles)]
    words = wanted.words.casefold().split()
    fitting = [
        found
        for found in mine
        if found.has(words) and (not wanted.label or wanted.label in found.labels)
    ]
    chosen = [found for found in mine if found.name in wanted.chosen]
    others = sorted(
        (found for found in fitting if found.name not in wanted.chosen),
        key=lambda found: (found.title.casefold(), found.name),
    )
    shown = [*chosen, *(others if wanted.everything else others[:SHOWN])]
    return Catalogue(
        offers=_offers(user, subject, shown, wanted.chosen, at=at) if shown else [],
        fitting=len({found.name for found in (*fitting, *chosen)}),
        total=len(mine),
        labels=sorted({label for found in mine for label in found.labels}),
        unknown=sorted(wanted.chosen - {found.name for found in chosen}),
    )


_LISTED = Role.objects.only("name", "description", "labels", "digest")


def _offers(
    user: User,
    subject: Subject,
    shown: Sequence[Found],
    chosen: Collection[str],
    *,
    at: datetime,
) -> list[Offer]:
    names = [found.name for found in shown]
    specs = specs_of((found.name, found.role.digest) for found in shown)
    permitting = planning.permitting_roles(subject, names)
    terms = {
        name: explaining.conditions_of(
            subject, {name: permitting[name]}, [specs[name]], duration=None
        )
        for name in names
    }
    people = reviewers.reviewers_of_each(
        [(_alone(name, terms[name], user, at=at), [user]) for name in names]
    )
    called = names_of(sorted({e for emails in people for e in emails[: sentences.NAMES_SHOWN]}))
    grants = _open_grants(user, at=at)
    pending = _pending_of(user, at=at)
    return [
        Offer(
            found=found,
            conditions=terms[found.name],
            deciding=_deciding(
                {found.name: permitting[found.name]}, terms[found.name], emails, called
            ),
            is_chosen=found.name in chosen,
            always_held=found.name in subject.role_names,
            grant=grants.get(found.name),
            pending=pending.get(found.name),
        )
        for found, emails in zip(shown, people, strict=True)
    ]


def _alone(
    name: str, terms: explaining.Conditions, user: User, *, at: datetime
) -> RequestFacts:
    """What conditions on who may review would know of a request for this role alone."""
    reason = A_REASON if terms.reason_required else ""
    return RequestFacts(
        roles=(name,), reason=reason, annotations={}, user=user.email, created_at=at
    )


def _deciding(
    permitting: planning.Permitting,
    conditions: explaining.Conditions,
    people: Sequence[str],
    called: Mapping[str, str],
) -> str:
    """Who would have to agree, in words."""
    judgement = planning.judgement_of(permitting)
    outlook = Outlook(
        conditions=conditions,
        judgement=judgement,
        needs=explaining.needs_of(judgement, permitting),
        possible_reviewers=tuple(people),
        called=called,
    )
    said = [sentences.need_sentence(need, outlook) for need in outlook.needs]
    return " ".join(dict.fromkeys(said))


def _open_grants(user: User, *, at: datetime) -> dict[str, Grant]:
    """The user's grants that give access now or will, by role; of several the last to end."""
    grants = Grant.objects.filter(user=user).not_over(at).select_related("role")
    return {grant.role.name: grant for grant in grants.order_by("ends_at")}


def _pending_of(user: User, *, at: datetime) -> dict[str, UUID]:
    """The user's pending requests, by each of their roles."""
    pending = AccessRequest.objects.filter(pending_at(at), requester=user)
    rows = pending.order_by("created_at").values_list("pk", "roles")
    return {name: pk for pk, roles in rows for name in roles}
