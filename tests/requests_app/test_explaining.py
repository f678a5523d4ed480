"""What an explanation is made of: plain values, and no other rules than those that decide."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.requestable import requestable_among
from identity.role_spec import parse_role
from identity.subject import Subject
from policy.verdicts import CheckState
from requests_app import explaining, planning, sentences
from requests_app.explaining import Because, Effect, Held, KnownCheck, Need, Outlook

HOUR = timedelta(hours=1)
MAPPING = {"claim": "team", "value": "pay*", "roles": ["$1-admin", "dba"]}


def role(name, *allowed, deny=(), mappings=(), deny_mappings=(), options=None, **request):
    return parse_role(
        name,
        {
            "allow": {
                "request": {"roles": list(allowed), "claims_to_roles": list(mappings)} | request
            },
            "deny": {"request": {"roles": list(deny), "claims_to_roles": list(deny_mappings)}},
            "options": options or {},
        },
    )


def bob(*roles, elevated=(), team=("payments",)):
    return Subject(
        id=UUID(int=1),
        email="bob@example.com",
        traits={"team": list(team)},
        roles=roles,
        elevated=elevated,
    )


def standing(subject, name="dba", *, existing=("dba",), tells_all=False):
    return explaining.standing_of(subject, name, existing=existing, tells_all=tells_all)


def said(subject, name="dba"):
    return [(one.effect, one.role, one.pattern) for one in standing(subject, name).because]


# --- because --------------------------------------------------------------------------------------


def test_a_pattern_allows():
    found = standing(bob(role("developer", "db*", "x")))

    assert found.requestable
    assert found.because == (Because(effect=Effect.ALLOWS, role="developer", pattern="db*"),)
    assert found.silent == ()


def test_a_claim_mapping_allows_and_is_named():
    (because,) = standing(bob(role("developer", mappings=[MAPPING]))).because

    assert (because.claim, because.value, because.pattern) == ("team", "pay*", "dba")


def test_a_captured_name_shows_its_entry():
    found = said(bob(role("developer", mappings=[MAPPING])), "ments-admin")

    assert found == [(Effect.ALLOWS, "developer", "$1-admin")]


def test_deny_stands_first_and_wins():
    subject = bob(role("developer", "dba"), role("contractor", deny=["d*"]))

    assert said(subject) == [
        (Effect.DENIES, "contractor", "d*"),
        (Effect.ALLOWS, "developer", "dba"),
    ]
    assert not standing(subject).requestable


def test_a_claim_mapping_denies_too():
    subject = bob(role("developer", "dba"), role("contractor", deny_mappings=[MAPPING]))

    assert said(subject)[0] == (Effect.DENIES, "contractor", "dba")


def test_a_preset_is_handed_out_by_its_name_alone():
    assert said(bob(role("ops", "*")), "admin") == [(Effect.GUARDED, "ops", "*")]
    assert said(bob(role("ops", "admin")), "admin") == [(Effect.ALLOWS, "ops", "admin")]


def test_a_role_that_is_held_for_a_while_is_named_and_counts_for_nothing():
    subject = bob(role("developer"), elevated=(role("lead", "dba"),))

    assert said(subject) == [(Effect.ELEVATED, "lead", "dba")]
    assert not standing(subject).requestable


def test_it_is_not_named_where_a_static_role_allows_the_same():
    subject = bob(role("developer", "dba"), elevated=(role("lead", "dba"),))

    assert said(subject) == [(Effect.ALLOWS, "developer", "dba")]


def test_where_nothing_speaks_the_roles_that_could_are_named():
    assert standing(bob(role("a", "x"), role("b"))).silent == ("a", "b")


NAMES = st.sampled_from(["dba", "dev-web", "admin", "auditor", "ments-admin"])
PATTERNS = st.lists(st.sampled_from(["*", "d*", "dba", "admin", "^a.*$", "dev-*"]), max_size=2)
MAPPINGS = st.lists(
    st.builds(
        lambda value, roles: {"claim": "team", "value": value, "roles": roles},
        st.sampled_from(["*", "pay*", "other"]),
        st.lists(st.sampled_from(["$1-admin", "dba", "*", "$1"]), min_size=1, max_size=2),
    ),
    max_size=2,
)
ROLES = st.builds(
    lambda allow, deny, mappings, deny_mappings: role(
        "r", *allow, deny=deny, mappings=mappings, deny_mappings=deny_mappings
    ),
    PATTERNS, PATTERNS, MAPPINGS, MAPPINGS,
)  # fmt: skip


@given(
    held=st.lists(ROLES, max_size=3), name=NAMES, team=st.sampled_from(["payments", "admin"])
)
def test_the_reasons_agree_with_the_decision(held, name, team):
    subject = bob(*held, team=[team])

    effects = {one.effect for one in standing(subject, name).because}

    allowed = Effect.ALLOWS in effects and Effect.DENIES not in effects
    assert allowed == bool(requestable_among(subject, [name]))


# --- what is told of a name -------------------------------------------------------------------------


@pytest.mark.parametrize("existing", [(), ("dba",)])
def test_whether_a_role_exists_is_not_told_to_those_who_may_not_ask_for_it(existing):
    assert standing(bob(role("a")), existing=existing).exists is None


@pytest.mark.parametrize(("existing", "exists"), [((), False), (("dba",), True)])
def test_it_is_told_where_asking_would_tell_it_and_to_whoever_reads_roles(existing, exists):
    assert standing(bob(role("a", "dba")), existing=existing).exists is exists
    assert standing(bob(role("a")), existing=existing, tells_all=True).exists is exists


def test_what_is_held_exists():
    assert standing(bob(role("dba"))).held is Held.STATIC
    assert standing(bob(elevated=(role("dba"),))).held is Held.GRANT
    assert standing(bob(elevated=(role("dba"),))).exists is True


# --- terms ------------------------------------------------------------------------------------------


def conditions(subject, *names, requested=(), duration=None):
    permitting = planning.permitting_roles(subject, names)
    return explaining.conditions_of(subject, permitting, requested, duration=duration)


def test_who_requires_a_reason_and_what_it_must_hold():
    ticket = {"mode": "required", "prompt": "Ticket?", "pattern": r"#\d+"}
    subject = bob(
        role("developer", "dba", reason=ticket),
        role("careful", options={"request_access": "reason"}),
        role("elsewhere", "other", reason={"mode": "required", "pattern": "x"}),
    )

    found = conditions(subject, "dba")

    assert found.reason_required_by == ("developer", "careful")
    assert found.reason_patterns == (("developer", r"#\d+"),)
    assert found.prompts == ("Ticket?",)


def test_the_limit_names_the_role_that_set_it():
    subject = bob(
        role("short", "dba", max_duration="2h"),
        role("long", "dba", max_duration="8h"),
        role("web", "web", max_duration="9h"),
    )

    assert conditions(subject, "dba").limit_set_by == ("long",)
    assert conditions(subject, "dba", "web").limit_set_by == ("long",)
    assert conditions(subject, "web", duration=HOUR).duration == HOUR


def test_without_a_limit_the_requested_role_itself_may_set_one():
    dba = role("dba", options={"max_session_ttl": "1h"})
    subject = bob(role("developer", "dba"))

    found = conditions(subject, "dba", requested=[dba])

    assert (found.limit, found.limit_set_by) == (HOUR, ("dba",))
    assert conditions(subject, "dba").limit_set_by == ()


def test_each_set_stands_once_with_who_needs_and_who_demands_it():
    two = [{"name": "two", "approve": 2}]
    subject = bob(
        role("a", "dba", "web", thresholds=two),
        role("b", "dba", thresholds=two),
        role("c", "dba"),
    )
    permitting = planning.permitting_roles(subject, ["dba", "web"])

    needs = explaining.needs_of(planning.judgement_of(permitting), permitting)

    assert [(need.roles, need.demanded_by) for need in needs] == [
        (("dba", "web"), ("a", "b")),
        (("dba",), ("c",)),
    ]


# --- words ------------------------------------------------------------------------------------------

PEOPLE = ("alice@x.org", "ivan@x.org", "rosa@x.org")
CALLED = {"alice@x.org": "Alice", "ivan@x.org": "Ivan", "rosa@x.org": "Rosa"}


def outlook(*thresholds, people=PEOPLE, checks=()):
    subject = bob(role("developer", "dba", thresholds=list(thresholds)))
    permitting = planning.permitting_roles(subject, ["dba"])
    judgement = planning.judgement_of(permitting)
    return Outlook(
        conditions=conditions(subject, "dba"),
        judgement=judgement,
        needs=explaining.needs_of(judgement, permitting),
        possible_reviewers=people,
        called=CALLED,
        checks=tuple(checks),
    )


def needed(*thresholds, **more):
    found = outlook(*thresholds, **more)
    return sentences.need_sentence(found.needs[0], found)


ALL_OF = {
    "all_of": [{"name": "databases", "approve": 1}, {"name": "security", "approve": 1}],
    "deny": 1,
}


@pytest.mark.parametrize(
    ("thresholds", "people", "sentence"),
    [
        ([{"approve": 2}], PEOPLE, "Two of Alice, Ivan and Rosa must agree."),
        ([{"approve": 1}], PEOPLE, "One of Alice, Ivan and Rosa must agree."),
        ([{"approve": 1}], PEOPLE[:1], "Alice must agree."),
        ([{"approve": 2}], PEOPLE[:2], "Alice and Ivan must agree."),
        ([{"approve": 2}], PEOPLE[:1], "Two must agree, and only Alice can."),
        ([{"approve": 1}], ("zoe@x.org",), "zoe@x.org must agree."),
        ([{"approve": 1}], (), "One must agree, and nobody can now."),
        ([{"approve": 0}], PEOPLE, "Nobody's approval is enough, it can only be turned down."),
        (
            [{"approve": 2}, {"approve": 1, "filter": 'contains(reviewer.roles, "lead")'}],
            PEOPLE,
            "Two of Alice, Ivan and Rosa must agree, or one of Alice, Ivan and Rosa must agree, "
            "and only reviews that meet its condition count.",
        ),
        (
            [ALL_OF],
            PEOPLE,
            "Two of Alice, Ivan and Rosa must agree: one for databases and one for security, "
            "each a different person.",
        ),
    ],
)
def test_who_must_agree(thresholds, people, sentence):
    assert needed(*thresholds, people=people) == sentence


def test_many_people_are_counted():
    people = tuple(f"p{n}@x.org" for n in range(9))

    assert needed({"approve": 2}, people=people) == (
        "Two of p0@x.org, p1@x.org, p2@x.org, p3@x.org and 5 others must agree."
    )


def test_several_needs_say_for_which_roles():
    found = outlook({"approve": 1})
    more = Need(roles=("web",), demanded_by=("x",), indexes=(0,))
    both = Outlook(
        conditions=found.conditions,
        judgement=found.judgement,
        needs=(*found.needs, more),
        possible_reviewers=PEOPLE[:1],
        called=CALLED,
    )

    assert sentences.need_sentence(more, both) == "For web: Alice must agree."


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        (bob(role("a", "dba")), "You may ask for dba: the role a allows it."),
        (
            bob(role("a", "dba"), role("b", "d*")),
            "You may ask for dba: the roles a and b allow it.",
        ),
        (bob(role("a", deny=["dba"])), "You may not ask for dba: the role a forbids it."),
        (bob(role("a")), "You may not ask for dba: none of your roles allows it (a)."),
        (bob(), "You may not ask for dba: you hold no role."),
        (
            bob(elevated=(role("a", "dba"),)),
            "You may not ask for dba: the role a allows it, and what is held for a while does "
            "not count.",
        ),
    ],
)
def test_whether_one_may_ask(subject, sentence):
    assert sentences.standing_sentence(standing(subject)) == sentence


def test_somebody_else_is_called_by_name():
    said = sentences.standing_sentence(standing(bob(role("a"))), name="Carol")

    assert said == "Carol may not ask for dba: none of Carol's roles allows it (a)."


@pytest.mark.parametrize(
    ("subject", "name", "sentence"),
    [
        (bob(role("a", "d*")), "dba", "The role a allows it by d*."),
        (
            bob(role("a", deny_mappings=[MAPPING])),
            "dba",
            "The role a forbids it, because the trait team matches pay*: that stands for dba.",
        ),
        (
            bob(role("a", "*")),
            "admin",
            "The role a says *, which hands out no preset: only the preset's own name does.",
        ),
    ],
)
def test_what_a_place_says(subject, name, sentence):
    (because,) = standing(subject, name).because

    assert sentences.because_sentence(because) == sentence


def test_what_a_check_comes_to():
    waiting = KnownCheck(workflow="ticket", state=CheckState.PENDING)
    no = KnownCheck(workflow="freeze", state=CheckState.FAILED, reason="Not now.")

    assert sentences.check_sentence(waiting) == "The check ticket must pass."
    assert sentences.check_sentence(no) == "The check freeze says no: Not now."
