"""Users: people and bots."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accessplane.lib.identifiers import new_id
from audit.catalogue import About
from identity.connector_spec import NAME_LENGTH
from identity.user_spec import normalised_email

LANGUAGE_LENGTH = 16


class UserManager(BaseUserManager["User"]):
    """Finds users by their address, whatever the case of its letters."""

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=normalised_email(email or ""))


class User(AbstractBaseUser):
    """A person or a bot, known by an e-mail address. Users are never deleted, only inactive."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=254, blank=True)
    traits = models.JSONField(default=dict, blank=True)
    is_bot = models.BooleanField(default=False)
    owner = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="bots"
    )
    is_active = models.BooleanField(default=True)
    # The connector that says which roles and traits the person has; empty: documents do.
    managed_by = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    # The address that the person has shown to be theirs; another `email` is to be shown again.
    confirmed_email = models.EmailField(max_length=254, blank=True, default="")
    # Of pages and mails; empty: what the browser says.
    language = models.CharField(max_length=LANGUAGE_LENGTH, blank=True, default="")
    created_at = models.DateTimeField()
    roles = models.ManyToManyField(
        "identity.Role", through="identity.RoleAssignment", related_name="holders"
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="email_is_in_lower_case", condition=Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="only_a_bot_has_an_owner", condition=Q(owner=None) | Q(is_bot=True)
            ),
            models.CheckConstraint(name="nobody_owns_oneself", condition=~Q(owner=F("id"))),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def about(self) -> About:
        """This user, as events tell of it."""
        return About("user", self.id, self.email)

    @property
    def has_confirmed_email(self) -> bool:
        """Whether the address of now is one that the person has shown to be theirs."""
        return self.confirmed_email == self.email

    def get_short_name(self) -> str:
        """What to call the person in a sentence."""
        return self.display_name or self.email
