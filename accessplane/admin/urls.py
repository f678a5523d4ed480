"""Addresses below /admin/: each app's admin is loaded here, and no other package's is."""

from django.contrib.admin import site

from audit import admin as of_audit
from chatops import admin as of_chatops
from identity import admin as of_identity
from policy import admin as of_policy
from requests_app import admin as of_requests
from reviews import admin as of_reviews

LOADED = (of_audit, of_identity, of_policy, of_requests, of_reviews, of_chatops)

urlpatterns = site.get_urls()
