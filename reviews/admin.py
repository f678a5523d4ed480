"""What reviewing adds to the admin: resolving a request without its reviewers."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from accessplane.lib.deeds import Deed, Done, Viewing
from identity.sessions import admin_actor_of, user_of
from requests_app.models import AccessRequest
from requests_app.states import RequestState
from reviews.services import reviewing


class Resolution(forms.Form):
    """Approve or deny, and why."""

    state = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (str(RequestState.APPROVED), gettext_lazy("Force approval")),
            (str(RequestState.DENIED), gettext_lazy("Force denial")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
        error_messages={"required": gettext_lazy("Choose Force approval or Force denial.")},
    )
    reason = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The requester and the reviewers can read this, and it stays in the log."
        ),
    )


class Force(Deed):
    """Resolve a pending request without thresholds and checks (SEMANTICS 6.7)."""

    name, label, icon = "force", gettext_lazy("Force a decision"), "gavel"
    variant = ActionVariant.DANGER
    form = Resolution
    warning = gettext_lazy(
        "You decide without the reviewers and without the checks of this request. The log says "
        "so, in your name, and names everything that was skipped."
    )
    field_of = {"reason_required": "reason", "reason_too_long": "reason"}

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may_statically("update", "access_request"))

    def fits(self, obj: AccessRequest, at: datetime) -> bool:
        return bool(obj.state_at(at) == RequestState.PENDING)

    def do(self, request: HttpRequest, obj: AccessRequest, said: dict[str, Any]) -> Done:
        state = RequestState(said["state"])
        reviewing.force_resolution(
            request_id=obj.pk,
            user=user_of(request),
            state=state,
            reason=said["reason"].replace("\r\n", "\n"),
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        return Done(
            _("You approved this request without its reviewers.")
            if state is RequestState.APPROVED
            else _("You denied this request without its reviewers.")
        )


_requests: Any = admin.site.get_model_admin(AccessRequest)
_requests.offer(Force())
