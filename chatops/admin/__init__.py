"""The admin of channels, routes, postings, delegations and linked accounts, for security teams."""

from chatops.admin import channels, people, postings

__all__ = ["channels", "people", "postings"]
