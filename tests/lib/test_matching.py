"""Patterns: globs, regular expressions, and what they capture."""

import re
import time

import pytest
import re2
from hypothesis import assume, given
from hypothesis import strategies as st

from accessplane.lib.matching import (
    MAX_CAPTURES,
    MAX_PATTERN_LENGTH,
    InvalidPattern,
    any_matches,
    compile_pattern,
    compile_search,
)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("dba", "dba"),
        ("a.b", "a.b"),
        ("(x)+[y]", "(x)+[y]"),
        ("^abc", "^abc"),
        ("abc$", "abc$"),
        ("$", "$"),
        ("\\d", "\\d"),
        ("a{1}", "a{1}"),
        ("*", ""),
        ("*", "anything at all"),
        ("*", "two\nlines\r\n"),
        ("dev-*", "dev-"),
        ("dev-*", "dev-eu-1"),
        ("*-prod", "db-prod"),
        ("a*c*e", "abcde"),
        ("a.b-*", "a.b-1"),
        ("ü*😀", "über😀"),
        ("a\nb*", "a\nbc"),
        ("a\x00*", "a\x00b"),
        ("^*", "^x"),
        ("*$", "x$"),
        ("^dev-.*$", "dev-1"),
        ("^a|b$", "a"),
        ("^a|b$", "b"),
        ("^(a|ab)(c|bcd)?$", "abcd"),
        ("^(?i)dba$", "DBA"),
        ("^(?s)a.b$", "a\nb"),
        (r"^abc\$", "abc$"),
        ("^$", ""),
        (r"^\pL{1,64}$", "é" * 64),
    ],
)
def test_r1_a_pattern_matches_the_whole_value(pattern, value):
    assert compile_pattern(pattern).matches(value)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("dba", "DBA"),
        ("dba", "dba "),
        ("dba", "xdba"),
        ("dba", "dba\n"),
        ("a.b", "axb"),
        ("a.b-*", "axb-1"),
        ("abc*", "xabc"),
        ("*abc", "abcx"),
        ("DEV-*", "dev-1"),
        ("^abc", "abc"),
        ("abc$", "abc"),
        ("^a|b$", "ab"),
        ("^a|b$", "ax"),
        ("^a|b$", "xb"),
        ("^dba$", "DBA"),
        ("^dba$", "dba\n"),
        ("^(?m)dba$", "dba\nx"),
        ("^a.b$", "a\nb"),
        (r"^abc\$", "abc"),
        ("^$", "x"),
        ("^b*$", "xb"),
    ],
)
def test_r1_a_pattern_does_not_match_more_or_less_than_the_value(pattern, value):
    compiled = compile_pattern(pattern)

    assert not compiled.matches(value)
    assert compiled.captures(value) is None


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("admin", True),
        ("^admin", True),
        ("admin$", True),
        ("a.b", True),
        ("admin*", False),
        ("*", False),
        ("^admin$", False),
        ("^$", False),
    ],
)
def test_r1_a_literal_has_no_star_and_is_no_regular_expression(pattern, literal):
    assert compile_pattern(pattern).is_literal is literal


@pytest.mark.parametrize(
    "pattern",
    [
        "^(abc$",
        "^abc)$",
        "^a)|(b$",
        "^[a$",
        "^a**$",
        "^(?=a)$",
        r"^(a)\1$",
        "^a{1001}$",
        "^(" + "a" * 1_000 + "$",
        "^((a{100}){100}){100}$",
        "{{surprise}}",
        '{{surprise.match(".*")}}',
        "dev-{{external.team}}",
        "a{{",
        "a}}b",
        "^a{{b$",
        "",
        "a" * (MAX_PATTERN_LENGTH + 1),
        "^" + "a" * MAX_PATTERN_LENGTH + "$",
        "*" * (MAX_CAPTURES + 1),
        "^" + "(a)" * (MAX_CAPTURES + 1) + "$",
        "\ud800",
        "^\ud800$",
    ],
)
def test_r1_a_pattern_that_could_never_match_as_meant_is_refused(pattern, capfd):
    with pytest.raises(InvalidPattern) as refusal:
        compile_pattern(pattern)

    assert refusal.value.code == "invalid_pattern"
    assert refusal.value.detail.endswith(".")
    assert len(refusal.value.detail) < 300
    assert capfd.readouterr() == ("", "")


def test_r1_the_longest_and_the_richest_pattern_are_accepted():
    assert compile_pattern("a" * MAX_PATTERN_LENGTH).matches("a" * MAX_PATTERN_LENGTH)
    assert compile_pattern("*" * MAX_CAPTURES).matches("x")


@pytest.mark.parametrize(
    ("pattern", "value", "captures"),
    [
        ("admin", "admin", ()),
        ("^admin$", "admin", ()),
        ("^admin-(.*)$", "admin-db", ("db",)),
        ("^(a)|(b)$", "b", ("", "b")),
        ("^(?P<team>[a-z]+)-(?:x)(y)?$", "db-x", ("db", "")),
        ("^((a)b)$", "ab", ("ab", "a")),
        ("*", "", ("",)),
        ("team-*", "team-db", ("db",)),
        ("*-*", "a-b-c", ("a-b", "c")),
        ("**", "ab", ("ab", "")),
        ("ü*", "ü\né", ("\né",)),
    ],
)
def test_r1_groups_and_stars_capture(pattern, value, captures):
    assert compile_pattern(pattern).captures(value) == captures


def test_r1_a_value_that_is_no_valid_text_is_still_matched():
    assert compile_pattern("*").matches("\ud800")
    assert compile_pattern("a*").captures("a\ud800b") == ("\ufffdb",)
    assert compile_search("b$").found_in("\ud800b")


def test_r1_patterns_are_equal_if_their_texts_are():
    pattern = compile_pattern("dev-*")
    assert compile_pattern("dev-*") is pattern

    compile_pattern.cache_clear()
    re2.purge()

    assert compile_pattern("dev-*") == pattern != compile_pattern("dev-**")


def test_r1_any_of_several_patterns_is_enough_and_none_matches_nothing():
    patterns = [compile_pattern("dba"), compile_pattern("dev-*")]

    assert any_matches(patterns, "dev-1")
    assert not any_matches(patterns, "prod-1")
    assert not any_matches([], "dba")


def test_r1_time_is_linear_in_the_value():
    """Backtracking would take longer than the age of the universe here."""
    value = "a" * 50_000
    begun = time.perf_counter()

    assert not compile_pattern("^(a+)+b$").matches(value)
    assert not compile_pattern("*a*a*a*a*a*a*a*a*b").matches(value)
    assert not compile_search("(a*)*b").found_in(value)

    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("INC-[0-9]+", "see INC-12, please"),
        ("(?i)ticket", "a TICKET"),
        ("^see", "see INC-12"),
        ("12$", "INC-12"),
        ("a.c", "xabcx"),
        ("^a$", "a"),
    ],
)
def test_r3_7_a_search_is_found_anywhere(pattern, text):
    assert compile_search(pattern).found_in(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("INC-[0-9]+", "inc-12"), ("^see", "please see"), ("a*c$", "abd"), ("x", "")],
)
def test_r3_7_a_search_is_not_found_where_nothing_matches(pattern, text):
    assert not compile_search(pattern).found_in(text)


@pytest.mark.parametrize("pattern", ["(", "*", "a{{b}}", "", "a" * 1025, "(?=a)", "\ud800"])
def test_r3_7_a_search_that_cannot_be_meant_is_refused(pattern, capfd):
    with pytest.raises(InvalidPattern):
        compile_search(pattern)

    assert capfd.readouterr() == ("", "")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
plain_texts = texts.filter(lambda text: "*" not in text)


@given(texts)
def test_r1_a_literal_matches_itself_alone(text):
    assume(text and "*" not in text and "{{" not in text and "}}" not in text)
    assume(not (text.startswith("^") and text.endswith("$") and len(text) > 1))
    pattern = compile_pattern(text)

    assert pattern.matches(text)
    assert not pattern.matches(text + "x")
    assert not pattern.matches("x" + text)


@given(st.lists(plain_texts, min_size=2, max_size=5), st.data())
def test_r1_captures_of_a_glob_rebuild_the_value(parts, data):
    pattern = "*".join(parts)
    assume("{{" not in pattern and "}}" not in pattern)
    assume(not (pattern.startswith("^") and pattern.endswith("$")))
    filled = [data.draw(texts) for _ in parts[1:]]
    value = parts[0] + "".join(a + b for a, b in zip(filled, parts[1:], strict=True))

    captures = compile_pattern(pattern).captures(value)

    assert captures is not None
    assert parts[0] + "".join(a + b for a, b in zip(captures, parts[1:], strict=True)) == value


@given(st.text("ab*\n", min_size=1, max_size=6), st.text("ab\n", max_size=6))
def test_r1_a_glob_is_the_regular_expression_it_stands_for(pattern, value):
    meant = re.fullmatch(pattern.replace("*", "(.*)"), value, re.DOTALL)

    assert compile_pattern(pattern).matches(value) is bool(meant)
    assert compile_pattern(pattern).captures(value) == (meant and meant.groups())


@given(st.text(max_size=20), st.text(max_size=20))
def test_r1_every_text_is_a_pattern_or_refused_and_every_value_has_an_answer(text, value):
    try:
        pattern = compile_pattern(text)
    except InvalidPattern:
        return
    assert pattern.matches(value) is (pattern.captures(value) is not None)
