"""Asking, wired up."""

from django.apps import AppConfig
from django.db.models import Q
from django.urls import reverse


class RequestsConfig(AppConfig):
    """Requests and grants."""

    name = "requests_app"
    verbose_name = "Access"

    def ready(self) -> None:
        """Tell identity of elevated roles, and the log who sees requests and grants."""
        from accessplane.lib.pages import register_frame
        from audit import visibility
        from identity.selectors import Elevation, register_elevation
        from requests_app import page_data, selectors, sights
        from requests_app.services import timekeeping

        register_elevation(
            Elevation(
                roles=selectors.elevated_roles,
                start_due=lambda user_id, at: _discard(
                    timekeeping.start_due(among=Q(user=user_id), at=at)
                ),
            )
        )
        visibility.register_sight(
            "access_request",
            lambda subject, _at: selectors.visible_to(subject).values("pk"),
            among=sights.requests_among,
        )
        visibility.register_sight(
            "grant",
            lambda subject, _at: selectors.grants_visible_to(subject).values("pk"),
            among=sights.grants_among,
        )
        register_frame(lambda subject, at: page_data.common(subject, at=at))
        visibility.register_page(
            "access_request", lambda about, _data: reverse("request-page", args=[about.id])
        )
        visibility.register_page(
            "user", lambda about, _data: reverse("person-page", args=[about.name])
        )
        visibility.register_page(
            "workflow", lambda about, _data: reverse("workflow-page", args=[about.name])
        )
        visibility.register_page(
            "role", lambda about, _data: reverse("role-page", args=[about.name])
        )
        visibility.register_page(
            "grant", lambda _about, data: reverse("request-page", args=[data["request"]])
        )


def _discard(_: object) -> None:
    """Starting what is due answers nothing."""
