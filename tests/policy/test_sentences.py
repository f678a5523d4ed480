"""A workflow's document in words."""

import pytest

from policy import sentences
from policy.workflow_spec import parse_workflow

WEBHOOK = {"engine": "webhook", "url": "https://policy.example.com/check"}
BOT = {"engine": "bot", "bot": "robot@example.com"}
PYTHON = {"engine": "python", "callable": "rules.check"}
EXPRESSION = {"engine": "expression", "expression": "true"}
WEEK = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (["*"], "Every request"),
        (["dba", "*"], "Every request"),
        (["dba"], "Requests for dba"),
        (["dba", "web-*", "x"], "Requests for dba, web-* or x"),
    ],
)
def test_what_it_judges(roles, words):
    assert sentences.applies_to(parse_workflow({**EXPRESSION, "roles": roles})) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({}, "Every day, UTC"),
        ({"days": WEEK, "from": "08:00"}, "Monday to Friday from 08:00 to 24:00, UTC"),
        ({"days": ["sat", "sun"]}, "Saturday, Sunday, UTC"),
        ({"days": ["wed", "mon", "sun"]}, "Monday, Wednesday, Sunday, UTC"),
        ({"timezone": "Europe/Berlin", "to": "12:00"},
         "Every day from 00:00 to 12:00, Europe/Berlin"),
    ],
)  # fmt: skip
def test_when_it_judges(window, words):
    assert sentences.times_of(parse_workflow({**EXPRESSION, "during": [window]})) == [words]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (EXPRESSION, "A condition is judged at once, when somebody asks."),
        (PYTHON, "The function rules.check is called where the plane runs."),
        (WEBHOOK, "What is asked for is sent to https://policy.example.com/check, signed."),
        (BOT, "robot@example.com reads what is asked for and reports the verdict."),
    ],
)
def test_how_it_is_asked(spec, words):
    assert sentences.asking(parse_workflow(spec)) == words


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (EXPRESSION, "There is always an answer."),
        (WEBHOOK, "An answer may take 5 minutes. Without one, the request waits, the workflow is "
                  "asked again, and people are told."),
        (BOT, "An answer may take 5 minutes. Without one, the request waits for it, and people "
              "are told."),
        ({**BOT, "on_failure": "deny"},
         "An answer may take 5 minutes. Without one, the request is denied."),
        ({**BOT, "review": True, "timeout": "90s"},
         "An answer may take 1 minute 30 seconds. Without one, it counts as having nothing to "
         "say."),
    ],
)  # fmt: skip
def test_what_becomes_of_a_request_without_an_answer(spec, words):
    assert sentences.patience(parse_workflow(spec)) == words


def test_in_whose_name_it_reviews():
    assert sentences.reviewing(parse_workflow(BOT)) == ""
    assert sentences.reviewing(parse_workflow({**BOT, "review": True})) == (
        "What it allows, robot@example.com approves as a reviewer."
    )
