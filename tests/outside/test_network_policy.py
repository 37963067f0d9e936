"""The rules in a network file: what each key says, and what does not fit together."""

import pytest

from booking.rules.network import SpacePlan
from booking.rules.policies import Quota, Terms, strictest
from tests.outside.test_network_file import GOOD, plan_of, problems_of

OWN = "{like: room, approval: always, notice: 2 days}"
TOWN = "organisations:\n  club: {name: Club, venues: [house]}\n"


def hall(said: str, tmp_path) -> SpacePlan:
    """The hall with this policy."""
    return plan_of(TOWN + GOOD.replace(OWN, said), tmp_path).venues[0].spaces[0]


SAID = {
    "nothing": ("{}", Terms()),
    "never": ("{approval: never}", Terms(approval="never")),
    "always": ("{approval: always}", Terms(approval="always")),
    "outside hours": (
        "{approval: {outside_hours: yes}}",
        Terms(approval="never", ask_outside_hours=True),
    ),
    "above": ("{approval: {above: 50}}", Terms(approval="never", ask_above=50)),
    "strangers": (
        "{approval: {strangers: yes, above: 8}}",
        Terms(approval="never", ask_above=8, ask_strangers=True),
    ),
    "always, outside hours too": (
        "{approval: {always: yes, outside_hours: yes}}",
        Terms(approval="always", ask_outside_hours=True),
    ),
    "requests hold": ("{requests: hold}", Terms(competing=False)),
    "requests compete": ("{requests: compete}", Terms(competing=True)),
    "everybody": ("{who: everybody}", Terms(who=())),
    "residents": ("{who: residents}", Terms(who=("residents",))),
    "some": ("{who: [club, residents]}", Terms(who=("club", "residents"))),
    "nights": ("{nights: yes, longest: 3 days}", Terms(nights=True, longest=4320)),
    "a quota of reservations": (
        "{quotas: [{most: 3, per: week, by: member}]}",
        Terms(quotas=(Quota(3, "reservations", "week", "member"),)),
    ),
    "a quota of hours": (
        "{quotas: [{most: 12 h, per: month, by: organisation}]}",
        Terms(quotas=(Quota(720, "minutes", "month", "organisation"),)),
    ),
    "no quotas": ("{quotas: []}", Terms(quotas=())),
    "people named": ("{named_people: 2}", Terms(named_people=2)),
    "a waitlist": ("{waitlist_hold: 30 min}", Terms(waitlist_hold=30)),
    "no waitlist": ("{waitlist_hold: 0}", Terms(waitlist_hold=0)),
    "a check-in": ("{check_in: 15 min}", Terms(check_in=15)),
    "visitors": ("{visitors: yes}", Terms(visitors=True)),
    "no visitors": ("{visitors: no}", Terms(visitors=False)),
    "absences": ("{ask_after_absences: 3}", Terms(ask_after_absences=3)),
    "activities": ("{activities: [filming, work]}", Terms(activities=("filming", "work"))),
    "like another": (
        "{like: room, nights: no}",
        Terms(approval="never", buffer_after=15, nights=False),
    ),
}


@pytest.mark.parametrize(("said", "terms"), SAID.values(), ids=SAID)
def test_a_policy_says_what_is_written_and_nothing_else(said, terms, tmp_path):
    assert hall(said, tmp_path).policy == terms


BAD = {
    "no reason to ask": ("{approval: {}}", "say when a manager is asked"),
    "an unknown reason": ("{approval: {over: 5}}", 'unknown key "over"'),
    "above nobody": ("{approval: {above: 0}}", "must be from 1"),
    "other requests": ("{requests: fight}", "known are: hold, compete"),
    "an unknown organisation": ("{who: [clup]}", 'did you mean "club"?'),
    "nobody at all": ("{who: []}", "say who may reserve"),
    "everybody in a list": ("{who: [everybody]}", "unknown organisation"),
    "neither yes nor no": ("{nights: sometimes}", "unknown answer"),
    "a quota without period": ("{quotas: [{most: 3, by: member}]}", '"per" is missing'),
    "a quota a year": ("{quotas: [{most: 3, per: year, by: member}]}", "known are: day, week"),
    "a quota of nothing": ("{quotas: [{most: 0, per: day, by: member}]}", "must be from 1"),
    "a quota of no time": ("{quotas: [{most: 0 h, per: day, by: member}]}", "more than nothing"),
    "a quota of no unit": ("{quotas: [{most: few, per: day, by: member}]}", "30 min, 2 h"),
    "a quota for all": ("{quotas: [{most: 3, per: day, by: venue}]}", "unknown counting"),
    "a crowd of names": ("{named_people: 21}", "from 0 to 20"),
    "half a name": ("{named_people: 1.5}", "whole number"),
    "no time to check in": ("{check_in: 0}", "more than nothing"),
    "days to check in": ("{check_in: 2 days}", "at most one day"),
    "no absence": ("{ask_after_absences: 0}", "must be from 1"),
    "an unknown activity": ("{activities: [film]}", "unknown activity"),
    "no activity": ("{activities: []}", "name what may be done here"),
    "a list": ("[room]", "must be a mapping"),
}


@pytest.mark.parametrize(("said", "reason"), BAD.values(), ids=BAD)
def test_a_bad_policy_is_refused_at_its_line(said, reason, tmp_path):
    problems = problems_of(TOWN + GOOD.replace(OWN, said), tmp_path)

    assert [(line, reason in why) for line, why in problems] == [(42, True)], problems


def test_a_space_may_leave_its_policy_to_the_venue(tmp_path):
    text = GOOD.replace(f"        policy: {OWN}\n", "")
    text = text.replace("    ceiling: 60\n", "    policy: {like: room, notice: 1 day}\n")

    (house,) = plan_of(text, tmp_path).venues

    assert house.policy == Terms(approval="never", buffer_after=15, notice=1440)
    assert house.spaces[0].policy == Terms()


@pytest.mark.parametrize(
    ("venue", "space", "reason"),
    [
        ("{grid: 20 min, shortest: 1 h}", "{shortest: 30 min, grid: 15 min}", None),
        ("{grid: 20 min, shortest: 1 h}", "{shortest: 90 min}", "multiple of the grid, 20 min"),
        ("{longest: 1 h}", "{shortest: 2 h}", "longest must not be below shortest"),
        ("{activities: [work]}", "{activities: [filming]}", "no activity is allowed both"),
        ("{activities: [work, meeting]}", "{activities: [meeting]}", None),
        ("{}", "{waitlist_hold: 8 days}", "waitlist_hold must be at most 7 days"),
    ],
)
def test_what_venue_and_space_say_must_fit_together(venue, space, reason, tmp_path):
    text = GOOD.replace("    ceiling: 60\n", f"    policy: {venue}\n").replace(OWN, space)

    if reason is None:
        (house,) = plan_of(text, tmp_path).venues
        assert strictest(house.policy, house.spaces[0].policy)
        return
    assert (40, True) in [(line, reason in why) for line, why in problems_of(text, tmp_path)]
