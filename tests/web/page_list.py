"""Every page, once: accessibility, the content policy and the screenshots go through this list.

A new page adds a line. `{pending}` and the like in a path are requests of the stage.
"""

from dataclasses import dataclass

from tests.web.stages import LONG, LONG_PERSON


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody sees it: `viewer` has signed in, nobody if it is empty; `stage` says what
    there is to see (`tests/web/stages.py`). `in_docs`: its screenshot stands in the repository."""

    name: str
    path: str
    viewer: str = "bob"
    stage: str = "some"
    in_docs: bool = False


PAGES = (
    Shown("home", "/", in_docs=True),
    Shown("home-of-nobody-yet", "/", "carol", "none"),
    Shown("home-of-an-administrator", "/", "dana", "none"),
    Shown("home-long", "/", "bob", "long"),
    Shown("home-crowd", "/", "bob", "crowd"),
    Shown("request-new", "/requests/new", in_docs=True),
    Shown(
        "request-new-chosen", "/requests/new?role=dba&role=staging-db&reason=soon&duration=3h"
    ),
    Shown("request-new-extend", "/requests/new?extends={grant}"),
    Shown("request-new-long", "/requests/new", "bob", "long"),
    Shown("request-new-nothing", "/requests/new", "mallory", "none"),
    Shown("request-new-long-chosen", "/requests/new?role={role}&role=dba", "bob", "long"),
    Shown("request-pending-own", "/requests/{pending}"),
    Shown("request-pending", "/requests/{pending}", "ivan", in_docs=True),
    Shown("request-approved", "/requests/{approved}", "alice"),
    Shown("request-denied", "/requests/{denied}"),
    Shown("request-long", "/requests/{pending}", "ivan", "long"),
    Shown("reviews", "/reviews", "ivan", in_docs=True),
    Shown("review-open", "/reviews?open={pending}", "ivan", in_docs=True),
    Shown("reviews-filtered", "/reviews?role=dba&waiting=1d", "ivan"),
    Shown("reviews-all", "/reviews?scope=all", "dana"),
    Shown("review-gone", "/reviews?open={channel}", "ivan"),
    Shown("reviews-several", "/reviews/several?id={pending}", "ivan"),
    Shown("reviews-several-none", "/reviews/several", "ivan"),
    Shown("reviews-decided", "/reviews/decided", "alice"),
    Shown("reviews-decided-none", "/reviews/decided", "bob"),
    Shown("review-open-long", "/reviews?open={pending}", "ivan", "long"),
    Shown("reviews-several-long", "/reviews/several?id={pending}", "ivan", "long"),
    Shown("reviews-decided-long", "/reviews/decided", "ivan", "long"),
    Shown("review-told", "/requests/{approved}", "dana"),
    Shown("reviews-none", "/reviews", "ivan", "none"),
    Shown("reviews-long", "/reviews", "ivan", "long"),
    Shown("reviews-crowd", "/reviews", "ivan", "crowd"),
    Shown("explain", "/explain?role=dba"),
    Shown("explain-denied", "/explain?role=prod-admin", "carol"),
    Shown("workflows", "/workflows", "dana"),
    Shown("workflow", "/workflows/ticket", "dana"),
    Shown("workflows-none", "/workflows", "dana", "none"),
    Shown("settings", "/settings", "bob", "some", in_docs=True),
    Shown("settings-none", "/settings", "mallory", "none"),
    Shown("settings-long", "/settings", "bob", "long"),
    Shown("tokens", "/settings/tokens"),
    Shown("tokens-none", "/settings/tokens", "mallory", "none"),
    Shown("tokens-long", "/settings/tokens", "bob", "long"),
    Shown("notifications", "/notifications", "alice"),
    Shown("notifications-none", "/notifications", "bob", "none"),
    Shown("channels", "/channels", "dana"),
    Shown("channel", "/channels/{channel}", "dana"),
    Shown("channel-add", "/channels/add/slack", "dana"),
    Shown("channels-none", "/channels", "dana", "none"),
    Shown("failed-messages", "/channels/postings", "dana"),
    Shown("grants", "/grants", "alice", in_docs=True),
    Shown("grants-own", "/grants"),
    Shown("grants-past", "/grants?state=all&role=staging", "dana"),
    Shown("grants-none", "/grants", "carol", "none"),
    Shown("grants-long", "/grants", "bob", "long"),
    Shown("roles", "/roles", in_docs=True),
    Shown("roles-all", "/roles?q=prod", "dana"),
    Shown("roles-none", "/roles", "mallory", "none"),
    Shown("role", "/roles/dba", in_docs=True),
    Shown("role-all", "/roles/staging-web", "dana"),
    Shown("role-conditions", "/roles/prod-admin", "dana"),
    Shown("role-long", f"/roles/{LONG}", "bob", "long"),
    Shown("person", "/people/bob@example.com", "alice", in_docs=True),
    Shown("person-known", "/people/alice@example.com", "dana"),
    Shown("person-none", "/people/carol@example.com", "carol", "none"),
    Shown("person-long", f"/people/{LONG_PERSON}", "ivan", "long"),
    Shown("audit", "/audit", "dana", in_docs=True),
    Shown("audit-own", "/audit?q=dba&since=2026-01-01"),
    Shown("audit-nothing", "/audit?q=xyzzy"),
    Shown("audit-long", "/audit", "bob", "long"),
    Shown("audit-crowd", "/audit", "dana", "crowd"),
    Shown("event", "/audit/1", "dana"),
    Shown("insights", "/insights", "dana", in_docs=True),
    Shown("insights-year", "/insights?weeks=52", "dana"),
    Shown("insights-none", "/insights", "dana", "none"),
    Shown("insights-long", "/insights", "dana", "long"),
    Shown("insights-crowd", "/insights", "dana", "crowd"),
    Shown("sign-in", "/accounts/login/", "", in_docs=True),
    Shown("password-reset", "/accounts/password/reset/", ""),
    Shown("password", "/accounts/password/change/"),
    Shown("invitation", "/accounts/invitation/{invitation}/", ""),
    Shown("invitation-of-somebody-else", "/accounts/invitation/{invitation}/"),
    Shown("invitation-over", "/accounts/invitation/used/", ""),
    Shown("confirm-address", "/accounts/confirm-email/{address}/", ""),
    Shown("confirm-address-over", "/accounts/confirm-email/old/", ""),
    Shown("sessions", "/accounts/sessions/", "bob"),
    Shown("second-factors", "/accounts/2fa/", "bob"),
    Shown("second-factors-some", "/accounts/2fa/", "alice"),
    Shown("set-up-an-app", "/accounts/2fa/totp/activate/", "bob"),
    Shown("remove-an-app", "/accounts/2fa/totp/deactivate/", "alice"),
    Shown("add-a-passkey", "/accounts/2fa/webauthn/add/", "bob"),
    Shown("recovery-codes", "/accounts/2fa/recovery-codes/", "alice"),
    Shown("new-recovery-codes", "/accounts/2fa/recovery-codes/generate/", "alice"),
    Shown("prove-it-once-more", "/accounts/2fa/reauthenticate/", "alice"),
    Shown("nothing-here", "/nothing"),
    Shown("not-for-you", "/chatops/email/forged"),
)
SIZES = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (360, 780)}
THEMES = ("light", "dark")


def on_stage(stage: str) -> list[Shown]:
    """The pages to be seen there."""
    return [page for page in PAGES if page.stage == stage]


STAGES = tuple(dict.fromkeys(page.stage for page in PAGES))
