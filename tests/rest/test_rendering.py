"""What answers look like as bytes."""

import json
from enum import StrEnum

import pytest
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnDict

from accessplane.lib.identifiers import new_id
from accessplane.rest.rendering import FastJSON


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        {"text": 'quoted "é" \\ \n', "list": [1, 2.5, True, None], "empty": {}},
        Colour.RED,
        new_id(),
        gettext_lazy("later"),
        ErrorDetail("a subclass of text", code="invalid"),
        ReturnDict({"a": 1}, serializer=None),
        (1, 2),
        [{"deep": ErrorDetail("inside")}],
    ],
)
def test_it_says_what_the_frameworks_own_renderer_says(value):
    assert json.loads(FastJSON().render(value)) == json.loads(JSONRenderer().render(value))


def test_no_data_is_no_text():
    assert FastJSON().render(None) == b""
