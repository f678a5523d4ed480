"""The standing world, wired up."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IdentityConfig(AppConfig):
    """Who and what."""

    name = "identity"
    verbose_name = "People and roles"

    def ready(self) -> None:
        """Keep the preset roles, which always exist, and tell the log who sees what."""
        from allauth.account.signals import password_reset
        from allauth.mfa.signals import authentication_failed

        from audit import visibility
        from identity import credentials, selectors, sights

        post_migrate.connect(_ensure_presets, sender=self)
        authentication_failed.connect(_record_failed_factor)
        password_reset.connect(_confirm_address)
        visibility.register_people(
            visibility.People(
                viewer_of=lambda user, at: selectors.subject_of(user, at=at),
                sees_everything=lambda subject: subject.may("read", "event"),
                credential_of=credentials.credential_of,
                users_of=credentials.users_of,
                names_of=selectors.names_of,
            )
        )
        visibility.register_sight(
            "user", _ids(selectors.users_visible_to), among=sights.users_among
        )
        visibility.register_sight(
            "role", _ids(selectors.roles_visible_to), among=sights.roles_among
        )
        visibility.register_sight("connector", _ids(selectors.connectors_visible_to))
        visibility.register_sight(
            "token", _ids(selectors.tokens_visible_to), among=sights.tokens_among
        )


def _ids(visible_to: Any) -> Any:
    """The sight made of a selector of what a subject sees."""
    return lambda subject, _at: visible_to(subject).values("pk")


def _ensure_presets(**_: Any) -> None:
    from django.utils import timezone

    from identity.services import presets

    presets.ensure_presets(at=timezone.now())


def _record_failed_factor(request: Any, user: Any, **_: Any) -> None:
    from identity import adapters

    adapters.record_failed_factor(request, user)


def _confirm_address(request: Any, user: Any, **_: Any) -> None:
    from identity import adapters

    adapters.confirm_by_new_password(request, user)
