"""What language somebody reads."""

from django.conf import settings
from django.utils.translation import gettext as _

from accessplane.lib.errors import InvalidInput
from identity.models import User


def choose(*, user: User, language: str) -> None:
    """Pages and mails speak it from now on; "" is what the browser says.

    `InvalidInput` for a language that there is not. A taste, not a right: nothing is recorded.
    """
    if language and language not in dict(settings.LANGUAGES):
        raise InvalidInput(_("This language is not there."))
    User.objects.filter(pk=user.pk).update(language=language)
