"""The condition language: what it refuses, where, and in which words."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessplane.lib.expressions import (
    MAX_EXPRESSION_BYTES,
    InvalidExpression,
    Kind,
    Scope,
    compile_condition,
)

SCOPE = Scope(
    {
        "reviewer.roles": Kind.LIST,
        "reviewer.traits": Kind.MAP,
        "request.reason": Kind.TEXT,
        "request.annotations": Kind.MAP,
    },
    aliases={"request.system_annotations": "request.annotations"},
)
FACTS = {
    "reviewer.roles": ["lead"],
    "reviewer.traits": {"team": ["db"]},
    "request.reason": "a",
    "request.annotations": {},
}


def refusal(text):
    with pytest.raises(InvalidExpression) as refused:
        compile_condition(text, SCOPE)
    assert refused.value.code == "invalid_expression"
    assert refused.value.detail.endswith(".")
    return refused.value.detail


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("&& missing-left", "Line 1, column 1", "'&&' is not expected here"),
        ("nonsense(", "Line 1, column 10", "it ends too early"),
        ("contains(", "Line 1, column 10", "it ends too early"),
        ("not true", "Line 1, column 5", "'true' is not expected here"),
        ('"a" = "b"', "Line 1, column 5", "is not expected here"),
        ('"a" == "b', "Line 1, column 8", "is not expected here"),
        ('"\\d" == "a"', "Line 1, column 1", "is not expected here"),
        ("true\n  && \ud7ff", "Line 2, column 6", "is not expected here"),
    ],
)
def test_r2_broken_syntax_is_refused_with_its_position(text, where, why):
    detail = refusal(text)

    assert detail.startswith(f"{where}: ")
    assert why in detail


@pytest.mark.parametrize(
    ("text", "where", "unknown"),
    [
        ("nobody", "Line 1, column 1", "'nobody'"),
        ('contains(reviewer.partially.fake.path,"also fails")', "Line 1", "reviewer.partially"),
        ('requester.name == "x"', "Line 1, column 10", "'requester.name'"),
        ("true &&\n  reviewer.name == 'x'", "Line 2, column 11", "'reviewer.name'"),
        ('"é😀" == "" || nobody', "Line 1, column 15", "'nobody'"),
        ('reviewer["roles"] == []', "Line 1, column 1", "'reviewer'"),
    ],
)
def test_r2_an_unknown_name_is_refused_with_its_position(text, where, unknown):
    detail = refusal(text)

    assert detail.startswith(where)
    assert unknown in detail
    assert "known are reviewer.roles, reviewer.traits" in detail


@pytest.mark.parametrize(
    ("text", "where", "unknown"),
    [
        ("nonsense(request.reason)", "Line 1, column 9", "'nonsense'"),
        ("size(reviewer.roles) == 1", "Line 1, column 5", "'size'"),
        ('request.reason.matches("a")', "Line 1, column 23", "'matches'"),
        ('request.reason.startsWith("a")', "Line 1, column 26", "'startsWith'"),
        ("has(reviewer.traits.team)", "Line 1, column 4", "'has'"),
        ('string("a") == "a"', "Line 1, column 7", "'string'"),
        ('dyn("a") == "a"', "Line 1, column 4", "'dyn'"),
        ('type("a") == string', "Line 1, column 5", "'type'"),
        ('duration("1s") == duration("1s")', "Line 1, column 9", "'duration'"),
        ('request.reason + "a" == "b"', "Line 1, column 16", "'+'"),
        ('request.reason < "b"', "Line 1, column 16", "'<'"),
        ("true ? true : false", "Line 1, column 6", "'?:'"),
        ("true && 1 - 1 == 0", "Line 1, column 11", "'-'"),
    ],
)
def test_r2_an_unknown_function_or_operator_is_refused(text, where, unknown):
    detail = refusal(text)

    assert detail.startswith(f"{where}: ")
    assert f"{unknown} is not known here" in detail


@pytest.mark.parametrize(
    "text",
    [
        "reviewer.roles.map(role, role) == []",
        'reviewer.roles.filter(role, role == "a") == []',
        'reviewer.roles.all(role, role == "a")',
        'reviewer.roles.exists(role, role == "a")',
        'reviewer.roles.exists_one(role, role == "a")',
        'cel.bind(x, "a", x == "a")',
    ],
)
def test_r2_there_are_no_loops(text):
    refusal(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('contains("missing-param")', "column 9: use it as contains(list, text)"),
        ('contains(reviewer.roles, "a", "b")', "use it as contains(list, text)"),
        ("contains()", "use it as contains(list, text)"),
        ('equals("too","many","params")', "use it as equals(text, text) or equals(list, list)"),
        ("equals(request.reason)", "use it as equals("),
        ('regexp.match("a")', "use it as regexp.match("),
        ('regexp.match("a", "b", "c")', "use it as regexp.match("),
        ('reviewer.roles.contains("a")', "use it as contains(list, text)"),
        ('contains(request.reason, "a")', "not with (text, text)"),
        ('contains(reviewer.traits, "a")', "not with (map, text)"),
        ("contains(reviewer.roles, reviewer.roles)", "not with (list, list)"),
        ("contains(reviewer.roles, true)", "not with (list, bool)"),
        ('equals("a", ["a"])', "not with (text, list)"),
        ("equals(reviewer.traits, reviewer.traits)", "not with (map, map)"),
        ("equals(true, true)", "use it as equals("),
        ('regexp.match(reviewer.traits, "a")', "not with (map, text)"),
        ('request.reason == ["a"]', "'==' does not take (text, list)"),
        ("reviewer.traits == reviewer.traits", "'==' does not take (map, map)"),
        ('"team" in reviewer.traits', "'in' does not take (text, map)"),
        ('"a" in "abc"', "'in' does not take (text, text)"),
        ("true in []", "'in' does not take (true or false, list)"),
        ("reviewer.roles in []", "'in' does not take (list, list)"),
        ("!reviewer.roles", "'!' does not take (list)"),
        ('true && "a"', "'&&' does not take (bool, text)"),
        ('"a" || true', "'||' does not take (text, bool)"),
        ('reviewer.traits["a"]["b"] == []', "'[]' does not take (list, text)"),
        ("reviewer.roles[0] == 'a'", "'[]' does not take (list, int)"),
        ('request.reason.length == "a"', "column 15"),
        ("reviewer.traits.team.size == []", "column 21"),
    ],
)
def test_r2_the_wrong_number_or_kind_of_arguments_is_refused(text, why):
    assert why in refusal(text)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("1 == 1", 1),
        ("1.5 == 1.5", 1),
        ("true && -1 == -1", 9),
        ("null == null", 1),
        ('b"a" == b"a"', 1),
        ('{"a": ["b"]}["a"] == ["b"]', 1),
        ('google.protobuf.StringValue{value: "a"} == "a"', 1),
        ("google.protobuf.NullValue.NULL_VALUE == 0", 26),
        ("int == int", 1),
        ('contains(["a", 1], "a")', 16),
        ('["a", true] == []', 7),
        ('["a"] in [["a"]]', 11),
        ("[reviewer.roles] == []", 10),
        ('true || contains(["a", null], "a")', 24),
    ],
)
def test_r2_there_are_only_texts_lists_of_texts_true_and_false(text, column):
    assert refusal(text).startswith(f"Line 1, column {column}: ")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("request.reason", "a text"),
        ("reviewer.roles", "a list"),
        ("reviewer.traits", "a map"),
        ("reviewer.traits.team", "a list"),
        ('"true"', "a text"),
        ("[]", "a list"),
    ],
)
def test_r2_a_condition_is_true_or_false(text, kind):
    assert refusal(text).endswith(f"this is {kind}.")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('regexp.match(request.reason, "^(a$")', "Line 1, column 30: '^(a$' is not a valid"),
        ('true || regexp.match(reviewer.roles, "{{x}}")', "Line 1, column 38: '{{x}}' is not"),
        ('"é😀" == "" &&\n regexp.match("a", "")', "Line 2, column 20: "),
    ],
)
def test_r2_an_invalid_pattern_is_refused_with_its_position(text, where):
    assert refusal(text).startswith(where)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("reviewer.traits[request.reason] == []", 24),
        ("regexp.match(reviewer.roles, request.reason)", 37),
    ],
)
def test_r2_a_key_or_a_pattern_is_written_out(text, column):
    assert refusal(text) == f"Line 1, column {column}: a key or a pattern is a text in quotes."


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_r2_an_empty_text_is_no_condition(text):
    assert refusal(text) == "An expression is not empty."


@pytest.mark.parametrize(
    "text", ['"\ud800" == ""', "é" * 1_025, '"' + "a" * MAX_EXPRESSION_BYTES + '" == ""']
)
def test_r2_an_expression_is_text_of_a_bounded_size(text):
    assert refusal(text) == "An expression is text of at most 2048 bytes."


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "true" + ")" * 500,
        "[" * 500 + "]" * 500 + " == []",
        "contains(" * 200,
        "==".join(["true"] * 300),
        "request" + ".a" * 500,
        "reviewer.traits" + '["a"]' * 300,
    ],
    ids=lambda text: text[:12],
)
def test_r2_deep_nesting_is_refused_whatever_the_stack(text):
    details = []
    begun = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: details.append(refusal(text)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(begun)

    assert len(details) == 1


def test_r2_too_deep_nesting_says_so():
    assert refusal("(" * 100 + "true" + ")" * 100) == "The expression is nested too deeply."


FRAGMENTS = """reviewer.traits request.reason team contains( regexp.match( equals( ( ) [ ] , . && || ! ==
    in true 1 { } "a" "^(a$" ' " \\ ` @ ? : // é \ud800 \x00"""


@given(
    st.lists(st.sampled_from(FRAGMENTS.split()), max_size=12).map(" ".join)
    | st.text(max_size=30)
)
def test_r2_every_text_is_a_condition_or_refused_with_a_sentence(text):
    try:
        condition = compile_condition(text, SCOPE)
    except InvalidExpression as invalid:
        detail = invalid.detail
    else:
        assert condition.holds(FACTS) in {True, False}
        return
    assert detail.startswith(("Line ", "An expression ", "The expression is nested"))
