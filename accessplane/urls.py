"""Mounts each app's pages and REST calls; holds no view of its own."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accessplane import finding, health, languages, look, metrics
from accessplane.admin.mount import MOUNTED
from accessplane.rest import problems

handler404 = "accessplane.rest.problems.page_not_found"
handler500 = "accessplane.rest.problems.server_error"

api: list[URLPattern | URLResolver] = [
    # Before identity: a role may be called anything but "requestable".
    path("", include("requests_app.api.urls")),
    path("", include("reviews.api.urls")),
    path("", include("policy.api.urls")),
    path("", include("identity.api.urls")),
    path("", include("chatops.api.urls")),
    path("", include("audit.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path("", problems.not_found),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("theme", look.Theme.as_view(), name="theme"),
    path("zone", look.Zone.as_view(), name="zone"),
    path("words/<str:language>.js", languages.Words.as_view(), name="words"),
    path("find", finding.Find.as_view(), name="find"),
    path("api/v1/", include(api)),
    path("accounts/", include("identity.web.urls")),
    MOUNTED,
    path("settings/", include("identity.web.own_urls")),
    path("", include("requests_app.web.urls")),
    path("", include("reviews.web.urls")),
    path("", include("chatops.web.urls")),
    path("", include("audit.web.urls")),
]
