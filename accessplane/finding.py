"""What the palette finds: roles, requests, people and deeds, each as far as the viewer may see it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane import navigation
from accessplane.lib.pages import Page
from accessplane.lib.words import dated, pgettext
from identity import requestable
from identity.models import Role, User
from identity.selectors import roles_visible_to, subject_of, users_visible_to
from identity.sessions import user_of
from identity.subject import Subject
from requests_app import page_data, selectors
from requests_app.models import AccessRequest, RequestedRole
from requests_app.states import state_word

SHORTEST = 2  # letters that are worth a search
_LONGEST = 100
_MOST_WORDS = 6
_EACH = 6  # results of one kind


@dataclass(frozen=True, slots=True)
class Result:
    """Something that was found, and where it is."""

    group: str
    name: str
    hint: str
    icon: str
    url: str


class Find(Page):
    """The address that the palette asks: `?q=` some words, all of which must be there."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """What has these words, at most six of a kind; nothing for less than two letters."""
        text = request.GET.get("q", "").replace("\0", "").strip().lower()[:_LONGEST]
        words = text.split()[:_MOST_WORDS]
        found: list[Result] = []
        if len(text) >= SHORTEST:
            at = timezone.now()
            subject = subject_of(user_of(request), at=at)
            found = [*_of_the_plane(subject, words, at=at), *_deeds(words)]
        return JsonResponse({"results": [asdict(result) for result in found]})


def _of_the_plane(subject: Subject, words: Sequence[str], *, at: datetime) -> list[Result]:
    return [
        *_roles(subject, words),
        *_requests(subject, words, at=at),
        *_people(subject, words),
    ]


def _roles(subject: Subject, words: Sequence[str]) -> list[Result]:
    """Those that may be requested lead to asking for them, the others to their page."""
    roles = roles_visible_to(subject).order_by("name").only("name", "labels", "description")
    fitting = [role for role in roles if _has(words, _text_of(role))]
    wanted = set(requestable.requestable_among(subject, [role.name for role in fitting]))
    fitting.sort(key=lambda role: role.name not in wanted)
    return [_role(role, is_open=role.name in wanted) for role in fitting[:_EACH]]


def _role(role: Role, *, is_open: bool) -> Result:
    hint = role.name if role.title != role.name else ""
    query = urlencode({"role": role.name})
    if is_open:
        url = f"{reverse('request-new')}?{query}"
        return Result(_("Request access"), role.title, hint, "role", url)
    return Result(_("Roles"), role.title, hint, "role", reverse("role-page", args=[role.name]))


def _requests(subject: Subject, words: Sequence[str], *, at: datetime) -> list[Result]:
    """By who asks, for what and why, or by the id; newest first."""
    among = AccessRequest.objects.all()
    for word in words:
        among = among.filter(_about(word))
    newest = selectors.visible_to(subject, among).order_by("-created_at", "-pk")
    found = list(newest.select_related("requester", "extends")[:_EACH])
    titles = page_data.titles_of(name for request in found for name in request.roles)
    return [_request(request, titles, at=at) for request in found]


def _about(word: str) -> Q:
    """Requests that have the word in what is seen of them, or are called so."""
    titled = Role.objects.filter(labels__title__icontains=word).values("name")
    asked = RequestedRole.objects.filter(
        Q(name__icontains=word) | Q(name__in=titled), request=OuterRef("pk")
    )
    about = (
        Q(reason__icontains=word)
        | Q(requester__email__icontains=word)
        | Q(requester__display_name__icontains=word)
        | Q(Exists(asked))
    )
    try:
        return about | Q(pk=UUID(word))
    except ValueError:
        return about


def _request(request: AccessRequest, titles: dict[str, Any], *, at: datetime) -> Result:
    names = ", ".join(titles[name].title for name in request.roles)
    state = request.state_at(at)
    asked = dated(request.created_at, pgettext("day", "j M"))
    return Result(
        _("Requests"),
        f"{request.requester.get_short_name()}: {names}",
        f"{state_word(state)}, {asked}",
        state.lower(),
        reverse("request-page", args=[request.pk]),
    )


def _people(subject: Subject, words: Sequence[str]) -> list[Result]:
    """Oneself leads to the settings, somebody else to the person's page."""
    people = users_visible_to(subject)
    for word in words:
        people = people.filter(Q(email__icontains=word) | Q(display_name__icontains=word))
    return [
        _person(one, is_oneself=one.pk == subject.id)
        for one in people.order_by("email")[:_EACH]
    ]


def _person(person: User, *, is_oneself: bool) -> Result:
    icon = "bot" if person.is_bot else "person"
    hint = person.email if person.display_name else ""
    url = reverse("settings") if is_oneself else reverse("person-page", args=[person.email])
    return Result(_("People"), person.get_short_name(), hint, icon, url)


def _deeds(words: Sequence[str]) -> list[Result]:
    """What everybody may do, and the own pages."""
    deeds = [(_("Do"), place) for place in navigation.DEEDS]
    own = [(_("Settings"), place) for place in navigation.OWN_PLACES]
    return [
        Result(group, name, "", place.icon, place.address)
        for group, place in (*deeds, *own)
        if _has(words, (name := _(place.name)))
    ]


def _text_of(role: Role) -> str:
    return f"{role.name} {role.labels.get('title', '')} {role.description}".lower()


def _has(words: Iterable[str], text: str) -> bool:
    return all(word in text.lower() for word in words)
