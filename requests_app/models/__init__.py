"""Requests and grants, in tables."""

from requests_app.models.grant import Grant
from requests_app.models.request import AccessRequest, RequestedRole

__all__ = ["AccessRequest", "Grant", "RequestedRole"]
