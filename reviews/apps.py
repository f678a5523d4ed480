"""Judging."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Reviews of requests."""

    name = "reviews"
