"""May this person review this request (SEMANTICS 5)."""

from django.utils.translation import gettext as _

from accessplane.lib.errors import NotPermitted
from identity import reviewable
from identity.subject import Subject
from requests_app import selectors
from requests_app.models import AccessRequest


class OwnRequest(NotPermitted):
    """Nobody decides what he asked for himself, on no door (SEMANTICS 5.1)."""

    code = "own_request"


class NotPermittedToReview(NotPermitted):
    """The roles of this person give no right to review the request."""

    code = "not_permitted_to_review"


def check_not_own(subject: Subject, request: AccessRequest) -> None:
    """Refuse (`OwnRequest`) whoever asked, or belongs to who asked."""
    if selectors.is_own(subject, request):
        raise OwnRequest(_("You may not decide on your own request."))


def check_may_review(subject: Subject, request: AccessRequest) -> None:
    """Refuse (`OwnRequest`, `NotPermittedToReview`) unless the subject may review now."""
    check_not_own(subject, request)
    if not reviewable.may_review(subject, request.facts()):
        raise NotPermittedToReview(_("Your roles do not let you review this request."))
