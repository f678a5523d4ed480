"""Pure: the user document, parsed into a structure that does not change (CONTRACT 2)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from accessplane.lib.errors import InvalidInput

EMAIL_LENGTH = 254


class UserSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `spec` of a user document."""

    display_name: str = ""
    roles: tuple[str, ...] = ()
    traits: dict[str, tuple[str, ...]] = {}
    bot: bool = False
    owner: str = ""
    active: bool = True
    managed_by: str = ""
    password: str | None = None

    def __post_init__(self) -> None:
        if len(self.display_name) > EMAIL_LENGTH:
            raise ValueError(f"a display name has at most {EMAIL_LENGTH} characters")
        if self.owner and not self.bot:
            raise ValueError("only a bot has an owner")
        if self.managed_by and self.bot:
            raise ValueError("a bot signs in through no connector")
        if self.managed_by and (self.roles or self.traits):
            raise ValueError("the roles and traits of a user with `managed_by` come from there")


def parse_user(spec: Mapping[str, Any]) -> UserSpec:
    """The user of a document's `spec`; `InvalidInput` ends in the path of what is wrong."""
    try:
        return msgspec.convert(dict(spec), UserSpec)
    except msgspec.ValidationError as error:
        raise InvalidInput(str(error).replace("`$", "`spec")) from error


def normalised_email(text: str) -> str:
    """An e-mail address as it is stored: case does not count (SEMANTICS 0)."""
    return text.strip().lower()
