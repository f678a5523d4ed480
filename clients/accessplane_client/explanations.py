"""Why somebody may ask or may not, typed."""

from dataclasses import dataclass

from accessplane_client.documents import Check, Document


@dataclass(frozen=True, kw_only=True)
class Refusal(Document):
    """What asking would be refused with."""

    code: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Because(Document):
    """What a held role says of a name: a pattern, or a claim mapping."""

    effect: str
    role: str
    pattern: str = ""
    claim: str = ""
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing(Document):
    """How somebody stands to a role; `exists` is None where the plane does not tell."""

    name: str
    requestable: bool = False
    exists: bool | None = None
    held: str | None = None
    because: tuple[Because, ...] = ()
    silent_roles: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms(Document):
    """What asking takes besides approvals."""

    duration_seconds: int = 0
    limit_seconds: int | None = None
    reason_required: bool = False
    prompts: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need(Document):
    """Who would have to agree for some of the roles."""

    roles: tuple[str, ...] = ()
    demanded_by: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation(Document):
    """The answer to "why can't I?"."""

    user: str
    allowed: bool
    summary: str = ""
    refusal: Refusal | None = None
    denied_by: tuple[str, ...] = ()
    roles: tuple[Standing, ...] = ()
    terms: Terms | None = None
    needs: tuple[Need, ...] = ()
    possible_reviewers: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def stands_a_chance(self) -> bool:
        """Whether the request would be accepted, and no workflow would deny it."""
        return self.allowed and not self.denied_by
