"""Requests and grants, in tables."""

from requests_app.models.check import Check
from requests_app.models.grant import Grant
from requests_app.models.request import AccessRequest, RequestedRole

__all__ = ["AccessRequest", "Check", "Grant", "RequestedRole"]
