"""The condition language: what it says, and that it always answers."""

import threading
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessplane.lib.expressions import (
    MAX_EXPRESSION_BYTES,
    MAX_FACT_CHARACTERS,
    MAX_LIST_ITEMS,
    ExpressionFailed,
    InvalidExpression,
    Kind,
    Scope,
    compile_condition,
)

SCOPE = Scope(
    {
        "reviewer.roles": Kind.LIST,
        "reviewer.traits": Kind.MAP,
        "request.roles": Kind.LIST,
        "request.reason": Kind.TEXT,
        "request.annotations": Kind.MAP,
    },
    aliases={"request.system_annotations": "request.annotations"},
)
FACTS = {
    "reviewer.roles": ["lead", "voter"],
    "reviewer.traits": {"team": ["db", "é"], "a b": ["c"]},
    "request.roles": ("dba",),
    "request.reason": 'all good, "INC-12"\nbye',
    "request.annotations": {"route": ["guild"]},
}


def holds(text, **changes):
    return compile_condition(text, SCOPE).holds(FACTS | changes)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "!false",
        "!!true",
        'contains(reviewer.roles, "voter")',
        'contains(reviewer.traits["team"], "db")',
        "contains(reviewer.traits.team, 'é')",
        'contains(reviewer.traits["a b"], "c")',
        'contains(["a", request.reason], "a")',
        'equals("a", "a")',
        'equals(request.roles, ["dba"])',
        'equals(reviewer.traits.team, ["db", "é"])',
        "equals(reviewer.traits.none, [])",
        'regexp.match(request.reason, "*good*")',
        'regexp.match(reviewer.roles, "^lea.$")',
        r'regexp.match(request.reason, r"^(?s).*INC-\d+.*$")',
        'regexp.match(reviewer.roles, "lead")',
        'request.reason != ""',
        'request.roles == ["dba"]',
        'request.roles != ["dba", "dba"]',
        '"lead" in reviewer.roles',
        '"c" in reviewer.traits["a b"]',
        '("a" == "a") == true',
        'contains(request.annotations["route"], "guild")',
        'contains(request.system_annotations["route"], "guild")',
        'contains(request.system_annotations["route"], "solo") || !false && true',
        "true || true && false",
        "  true // and why",
        '"a" == "a" &&\n\t"b"\n == "b"',
        'request.reason == "all good, \\"INC-12\\"\\nbye"',
        '"""a\nb""" == "a\\nb"',
    ],
)
def test_r2_a_condition_holds(text):
    assert holds(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "!true",
        'contains(reviewer.roles, "Voter")',
        'contains(reviewer.roles, "vote")',
        'contains([], "a")',
        'equals("a", "A")',
        'equals(reviewer.roles, ["voter", "lead"])',
        'equals(reviewer.roles, ["lead"])',
        'regexp.match(request.reason, "good")',
        'regexp.match(request.reason, "^good$")',
        'regexp.match(reviewer.roles, "lea")',
        'regexp.match([], "*")',
        'regexp.match(reviewer.roles, "LEAD")',
        'request.reason == ""',
        "request.roles == []",
        'request.roles != ["dba"]',
        '"vote" in reviewer.roles',
        "true && false || false",
        '("a" == "b") == true',
    ],
)
def test_r2_a_condition_does_not_hold(text):
    assert holds(text) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('contains(reviewer.traits["none"], "a")', False),
        ("contains(reviewer.traits.none, 'a')", False),
        ('!contains(reviewer.traits["none"], "a")', True),
        ('contains(reviewer.traits["none"], "a") || true', True),
        ('reviewer.traits["none"] == []', True),
        ('regexp.match(reviewer.traits["none"], "*")', False),
        ('"a" in request.system_annotations.none', False),
    ],
)
def test_r2_a_missing_key_is_an_empty_list(text, expected):
    assert holds(text) is expected


def test_r2_an_expression_of_the_greatest_size_is_compiled():
    text = '"" == "' + "a" * (MAX_EXPRESSION_BYTES - 8) + '"'

    assert len(text) == MAX_EXPRESSION_BYTES
    assert holds(text) is False


def test_r2_a_long_expression_need_not_be_deep():
    assert holds("||".join(["false"] * 280 + ["true"])) is True
    assert holds("!" * 2_000 + "true") is True


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ('request.reason == ""', {"request.reason": None}),
        ('request.reason == ""', {"request.reason": ["a"]}),
        ('request.reason == ""', {"request.reason": b"a"}),
        ("reviewer.roles == []", {"reviewer.roles": "lead"}),
        ("reviewer.roles == []", {"reviewer.roles": {"lead"}}),
        ("reviewer.roles == []", {"reviewer.roles": ["lead", 1]}),
        ("reviewer.traits.team == []", {"reviewer.traits": [("team", [])]}),
        ("reviewer.traits.team == []", {"reviewer.traits": {"team": "db"}}),
        ("reviewer.traits.team == []", {"reviewer.traits": {"team": None}}),
        ("reviewer.traits.team == []", {"reviewer.traits": {"team": [None]}}),
        ("true || reviewer.roles == []", {"reviewer.roles": None}),
        ("reviewer.roles == []", {"reviewer.roles": ["a"] * (MAX_LIST_ITEMS + 1)}),
        ('request.reason == ""', {"request.reason": "a" * (MAX_FACT_CHARACTERS + 1)}),
        ("reviewer.roles == []", {"reviewer.roles": ["a" * MAX_FACT_CHARACTERS, "a"]}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_r2_wrong_or_excessive_facts_give_neither_yes_nor_no(text, changes):
    condition = compile_condition(text, SCOPE)

    with pytest.raises(ExpressionFailed):
        condition.holds(FACTS | changes)


def test_r2_a_missing_fact_gives_neither_yes_nor_no():
    condition = compile_condition("request.system_annotations.route == []", SCOPE)

    with pytest.raises(ExpressionFailed, match=r"request\.annotations is missing"):
        condition.holds({"request.system_annotations": {}})


def test_r2_facts_of_the_greatest_size_are_looked_at():
    assert holds('"b" in reviewer.roles', **{"reviewer.roles": ["a"] * MAX_LIST_ITEMS}) is False


def test_r2_only_the_facts_that_are_named_are_looked_at():
    assert compile_condition('request.reason == "x"', SCOPE).holds({"request.reason": "x"})


def test_r2_a_text_that_is_no_valid_text_has_an_answer():
    assert holds('regexp.match(request.reason, "*b")', **{"request.reason": "\ud800b"}) is True


def test_r2_each_place_has_its_own_names():
    narrow = Scope({"request.reason": Kind.TEXT})

    compile_condition('contains(reviewer.roles, "a")', SCOPE)
    with pytest.raises(InvalidExpression, match="not known here"):
        compile_condition('contains(reviewer.roles, "a")', narrow)


def test_r2_a_scope_is_its_names_and_does_not_change():
    kinds = {"request.reason": Kind.TEXT}
    scope = Scope(kinds)
    text = 'request.reason == ""'
    assert compile_condition(text, scope) is compile_condition(text, Scope(kinds))

    kinds["reviewer.roles"] = Kind.LIST

    assert scope != Scope(kinds)
    with pytest.raises(InvalidExpression):
        compile_condition("reviewer.roles == []", scope)


def test_an_alias_stands_for_a_name_of_the_scope():
    with pytest.raises(ValueError, match="alias"):
        Scope({"request.reason": Kind.TEXT}, aliases={"request.note": "request.notes"})


def test_r2_conditions_may_be_shared_by_threads():
    condition = compile_condition(
        'contains(reviewer.roles, "a") && request.reason == "x"', SCOPE
    )
    wrong, start = [], threading.Barrier(8)

    def ask(own: int) -> None:
        start.wait()
        for turn in range(500):
            facts = FACTS | {"reviewer.roles": ["ab"[own % 2]], "request.reason": "x"}
            if condition.holds(facts) is not (own % 2 == 0):
                wrong.append(own)
            if turn % 50 == 0:
                compile_condition(f'request.reason == "{own} {turn}"', SCOPE)

    threads = [threading.Thread(target=ask, args=(own,)) for own in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_r2_evaluation_keeps_no_memory():
    """The engine's own evaluation does, for every argument of a function of ours."""
    condition = compile_condition('regexp.match(reviewer.roles, "z*")', SCOPE)
    facts = {"reviewer.roles": ["a" * 100 + str(one) for one in range(100)]}
    condition.holds(facts)

    tracemalloc.start()
    for _ in range(100):
        condition.holds({"reviewer.roles": [role + "b" for role in facts["reviewer.roles"]]})
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 100_000


words = st.sampled_from(["", "a", "b", "ab", 'q"', "\\", "é😀", "\n"])
lists = st.lists(words, max_size=3)
maps = st.dictionaries(st.sampled_from(["team", "a b", "é"]), lists)


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def written(values):
    return f"[{', '.join(map(quoted, values))}]"


# Each part of an expression is its text and what it means, as a function of the facts.
texts = st.one_of(
    words.map(lambda word: (quoted(word), lambda facts: word)),
    st.just(("request.reason", lambda facts: facts["request.reason"])),
)
many = st.one_of(
    lists.map(lambda values: (written(values), lambda facts: values)),
    st.just(("reviewer.roles", lambda facts: facts["reviewer.roles"])),
    st.just(("reviewer.traits.team", lambda facts: facts["reviewer.traits"].get("team", []))),
    st.sampled_from(["a b", "é", "none"]).map(
        lambda key: (
            f"reviewer.traits[{quoted(key)}]",
            lambda facts: facts["reviewer.traits"].get(key, []),
        )
    ),
)


def applied(form, meaning, *parts):
    return st.tuples(*parts).map(
        lambda made: (
            form.format(*(text for text, _ in made)),
            lambda facts: meaning(*(means(facts) for _, means in made)),
        )
    )


def both(form, meaning, part):
    return applied(form, meaning, part, part)


leaves = st.one_of(
    applied("contains({}, {})", lambda some, one: one in some, many, texts),
    applied("{1} in {0}", lambda some, one: one in some, many, texts),
    both("equals({}, {})", lambda left, right: left == right, texts),
    both("equals({}, {})", lambda left, right: left == right, many),
    both("{} == {}", lambda left, right: left == right, texts),
    both("{} != {}", lambda left, right: left != right, many),
    applied('regexp.match({}, "a*")', lambda one: one.startswith("a"), texts),
    applied('regexp.match({}, "^a|b$")', lambda some: bool({"a", "b"} & set(some)), many),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        applied("!({})", lambda one: not one, inner),
        both("({} && {})", lambda left, right: left and right, inner),
        both("({} || {})", lambda left, right: left or right, inner),
    ),
    max_leaves=6,
)


@given(
    conditions,
    st.fixed_dictionaries(
        {"request.reason": words, "reviewer.roles": lists, "reviewer.traits": maps}
    ),
)
def test_r2_an_expression_means_what_it_says(condition, facts):
    text, means = condition

    assert compile_condition(text, SCOPE).holds(facts) is means(facts)
