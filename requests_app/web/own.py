"""Page: who I am here, what I hold, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accessplane.lib.pages import Page
from identity.selectors import last_description_of, subject_of
from identity.sessions import user_of
from requests_app import page_data
from requests_app.models import Grant


class Profile(Page):
    """What is known of me, and the roles that I hold: always, and for a while."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it; what is set by an organisation is not changed here."""
        user, at = user_of(request), timezone.now()
        subject = subject_of(user, at=at)
        held = Grant.objects.filter(user=user).in_force(at).select_related("role")
        titles = page_data.titles_of(subject.role_names)
        context = page_data.common(subject, at=at) | {
            "described": last_description_of(user),
            "standing": [titles[name] for name in subject.role_names],
            "held": held.order_by("ends_at", "pk"),
        }
        return render(request, "requests_app/profile.html", context)
