"""Who may open which door: every route, every kind of reader, and what each is answered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking.app import check_audiences, create_app
from booking.db import db
from booking.models.members import Role
from booking.queries.venues import atlas
from booking.rules.access import AUDIENCES, audience_of
from tests import make
from tests.support.site import ACTORS, Site, World, asked_how_it_was, in_line, visited

SIGN_IN = "sign in"  # Sent to the page where one signs in.
NEW = {"on": "2027-03-11", "from": "10:00", "to": "11:00", "people": "2"}
TAKEN = {"on": "2027-03-08", "from": "09:00", "to": "11:00", "people": "2"}
Expected = dict[str, int | str]


@dataclass(frozen=True)
class Door:
    """One method of one route, an address behind it, and the answer for each actor."""

    rule: str
    answers: Expected
    method: str = "GET"
    path: str = ""  # With the names of World in braces; the rule itself if it has no variable.
    form: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def answers(rest: int | str, **special: int | str) -> Expected:
    """`rest` for all but the actors named."""
    return dict.fromkeys(ACTORS, rest) | special


def everyone(status: int = 200) -> Expected:
    return answers(status)


def members(status: int = 200, **special: int | str) -> Expected:
    """Visitors, and members who are blocked, are asked to sign in."""
    return answers(status, visitor=SIGN_IN, blocked=SIGN_IN) | special


def owner(status: int) -> Expected:
    """For the others there is no such thing."""
    return members(404, owner=status)


def for_owner(status: int) -> Expected:
    """The owner and who acts for them."""
    return members(404, owner=status, delegate=status)


def over_it(status: int, **special: int | str) -> Expected:
    """The owner, who acts for them, the venue's manager and the administrator."""
    return for_owner(status) | {"manager": status, "admin": status} | special


def deciders(status: int = 200, **special: int | str) -> Expected:
    return members(404, manager=status, stranger=status, admin=status) | special


def admin(status: int) -> Expected:
    return members(404, admin=status)


def get(rule: str, expected: Expected, path: str = "") -> Door:
    return Door(rule, expected, "GET", path)


def post(rule: str, expected: Expected, path: str = "", **form: str) -> Door:
    return Door(rule, expected, "POST", path, form)


SECRET = make.PASSWORD
DOORS = [
    get("/", everyone()),
    get("/search", everyone()),
    get("/venues", everyone()),
    get("/venues/<slug>", everyone(), "/venues/{venue}"),
    get("/venues/<slug>/<space_slug>", everyone(), "/venues/{room}"),
    get(
        "/venues/<slug>/<space_slug>/why",
        everyone(),
        "/venues/{room}/why?on=2027-03-08&from=09:00&to=10:00",
    ),
    get("/venues/<slug>/<space_slug>/here", everyone(), "/venues/{room}/here"),
    get("/venues/<slug>/<space_slug>/qr.svg", everyone(), "/venues/{room}/qr.svg"),
    get("/kiosk/<slug>", everyone(), "/kiosk/{venue}"),
    get("/venues/<slug>/qr.svg", everyone(), "/venues/{venue}/qr.svg"),
    get("/kiosk/<slug>/<space_slug>", everyone(), "/kiosk/{room}"),
    get("/kiosk/<slug>/<space_slug>/check-in", everyone(), "/kiosk/{room}/check-in"),
    post(
        "/kiosk/<slug>/<space_slug>/check-in",
        everyone(422),
        "/kiosk/{room}/check-in",
        code="{code}",
    ),
    get("/venues/<slug>/calendar.ics", everyone(), "/venues/{venue}/calendar.ics"),
    get("/venues/<slug>/<space_slug>/calendar.ics", everyone(), "/venues/{room}/calendar.ics"),
    get("/feeds/<token>.ics", everyone(), "/feeds/{feed}.ics"),
    get("/cookies", everyone()),
    get("/mentions-legales", everyone()),
    get("/accessibilite", everyone()),
    get("/healthz", everyone()),
    get("/readyz", everyone()),
    get("/demo/mail", everyone(404)),
    get("/static/<path:filename>", everyone(), "/static/css/theme.css"),
    get("/account/register", everyone()),
    post("/account/register", everyone(), name="Nine", email="nine@example.org", password=SECRET),
    get("/account/confirm/<token>", everyone(), "/account/confirm/{confirm}"),
    post("/account/confirm/<token>", everyone(302), "/account/confirm/{confirm}", password=SECRET),
    get("/account/sign-in", answers(302, visitor=200, blocked=200)),
    post("/account/sign-in", everyone(302), email="{email}", password=SECRET),
    post("/account/sign-out", everyone(302)),
    get("/account/forgot", everyone()),
    post("/account/forgot", everyone(), email="nine@example.org"),
    get("/account/reset/<token>", everyone(), "/account/reset/{reset}"),
    post(
        "/account/reset/<token>",
        everyone(SIGN_IN),
        "/account/reset/{reset}",
        password="Calanque-1944-mistral!",
    ),
    get("/account", members()),
    post("/account", members(302), name="Nine", language="fr"),
    post("/account/password", members(302), old=SECRET, password="Calanque-1944-mistral!"),
    post("/account/sign-ins/<id:sign_in_id>/end", owner(302), "/account/sign-ins/{sign_in_id}/end"),
    get("/account/delegates", members()),
    post("/account/delegates", members(302), email="nine@example.org"),
    post(
        "/account/delegates/<id:delegation_id>/end",
        for_owner(302),
        "/account/delegates/{delegation_id}/end",
    ),
    get("/account/calendars", members()),
    post("/account/calendars", members(), kind="mine"),
    post(
        "/account/calendars/<id:feed_id>/revoke", owner(302), "/account/calendars/{feed_id}/revoke"
    ),
    get("/reservations", members()),
    get("/reservations/new", members(), "/reservations/new?space={room}"),
    post("/reservations/new", members(302), space="{room}", **NEW),
    get("/reservations/<code>", over_it(200), "/reservations/{code}"),
    get("/reservations/<code>/cancel", over_it(200), "/reservations/{code}/cancel"),
    post("/reservations/<code>/cancel", over_it(302), "/reservations/{code}/cancel"),
    get("/reservations/<code>/change", over_it(200), "/reservations/{code}/change"),
    post(
        "/reservations/<code>/change",
        over_it(302),
        "/reservations/{code}/change",
        space="{room}",
        **NEW,
    ),
    post("/reservations/<code>/leave", over_it(409), "/reservations/{code}/leave"),
    post("/reservations/<code>/restore", over_it(409), "/reservations/{code}/restore"),
    get("/reservations/<code>/guests", over_it(200), "/reservations/{code}/guests"),
    post(
        "/reservations/<code>/guests",
        over_it(302),
        "/reservations/{code}/guests",
        email="bob@example.org",
    ),
    post(
        "/reservations/<code>/guests/<id:guest_id>/send-again",
        over_it(302),
        "/reservations/{code}/guests/{guest_id}/send-again",
    ),
    post(
        "/reservations/<code>/guests/<id:guest_id>/remove",
        over_it(302),
        "/reservations/{code}/guests/{guest_id}/remove",
    ),
    post(
        "/reservations/<code>/guests/<id:guest_id>/arrive",
        deciders(302, stranger=404),
        "/reservations/{code}/guests/{guest_id}/arrive",
    ),
    post(
        "/reservations/<code>/guests/<id:guest_id>/take-back",
        deciders(302, stranger=404),
        "/reservations/{code}/guests/{guest_id}/take-back",
    ),
    get("/passes/<token>", everyone(), "/passes/{door_pass}"),
    post("/passes/<token>/answer", everyone(302), "/passes/{door_pass}/answer", answer="coming"),
    post("/waitlist", members(302, owner=302), space="{room}", **TAKEN),
    post("/waitlist/<id:entry_id>/leave", for_owner(302), "/waitlist/{waiting_id}/leave"),
    post("/waitlist/<id:entry_id>/accept", for_owner(302), "/waitlist/{waiting_id}/accept"),
    get("/waitlist/offers/<token>", everyone(), "/waitlist/offers/{offer}"),
    post("/waitlist/offers/<token>/accept", everyone(302), "/waitlist/offers/{offer}/accept"),
    post("/waitlist/offers/<token>/pass", everyone(302), "/waitlist/offers/{offer}/pass"),
    get("/feedback/<token>", everyone(), "/feedback/{feedback}"),
    post("/feedback/<token>", everyone(302), "/feedback/{feedback}", place="5", welcome="4"),
    get("/feedback/<token>/stop", everyone(), "/feedback/{quiet}/stop"),
    post("/feedback/<token>/stop", everyone(302), "/feedback/{quiet}/stop"),
    post("/account/feedback/<any(on, off):wanted>", members(302), "/account/feedback/off"),
    get("/requests/new", everyone(302)),
    post(
        "/requests/new",
        answers(307, visitor=200, blocked=200),
        space="{room}",
        name="Nine",
        email="nine@example.org",
        **NEW,
    ),
    get("/requests/<token>", everyone(), "/requests/{wished}"),
    post("/requests/<token>", everyone(302), "/requests/{wished}"),
    get("/requests/<token>/cancel", everyone(), "/requests/{visit}/cancel"),
    post("/requests/<token>/cancel", everyone(302), "/requests/{visit}/cancel"),
    get("/series/new", members(), "/series/new?space={room}"),
    post("/series/new", members(), space="{room}", **NEW),
    get("/series/<code>", over_it(200), "/series/{series}"),
    get("/series/<code>/change", over_it(200), "/series/{series}/change"),
    post("/series/<code>/change", over_it(422), "/series/{series}/change"),
    get("/series/<code>/cancel", over_it(200), "/series/{series}/cancel"),
    post("/series/<code>/cancel", over_it(302), "/series/{series}/cancel"),
    post("/series/<code>/restore", over_it(302), "/series/{series}/restore"),
    post("/reservations/<code>/check-in", over_it(302), "/reservations/{code}/check-in"),
    post(
        "/reservations/<code>/excuse",
        over_it(409, owner=403, delegate=403),
        "/reservations/{code}/excuse",
        why="Panne",
    ),
    get("/basket", members()),
    post("/basket", members(302), space="{room}", **NEW),
    post("/basket/reserve", members(302)),
    post("/basket/<line>/remove", members(302), "/basket/abcdef/remove"),
    post("/basket/<line>/replace", members(404), "/basket/abcdef/replace"),
    get("/desk", deciders()),
    get("/desk/people/<slug>", deciders(stranger=404), "/desk/people/{venue}"),
    post(
        "/desk/people/<slug>/trained",
        deciders(302, stranger=404),
        "/desk/people/{venue}/trained",
        **{"t-email": "{email}", "t-training": "1"},
    ),
    post(
        "/desk/people/<slug>/trained/<id:trained_id>/end",
        deciders(302, stranger=404),
        "/desk/people/{venue}/trained/{trained_id}/end",
    ),
    post(
        "/desk/people/<slug>/memberships",
        deciders(302, stranger=404),
        "/desk/people/{venue}/memberships",
        **{"m-email": "{email}", "m-organisation": "cabestan"},
    ),
    post(
        "/desk/people/<slug>/memberships/<id:membership_id>/end",
        deciders(302, stranger=404),
        "/desk/people/{venue}/memberships/{membership_id}/end",
    ),
    get("/desk/<code>", deciders(stranger=404), "/desk/{request}"),
    post("/desk/<code>/approve", deciders(302, stranger=404), "/desk/{request}/approve"),
    post(
        "/desk/<code>/decline",
        deciders(302, stranger=404),
        "/desk/{request}/decline",
        why="Travaux",
    ),
    post(
        "/desk/series/<code>/approve",
        deciders(302, stranger=404),
        "/desk/series/{asked_series}/approve",
    ),
    post(
        "/desk/series/<code>/decline",
        deciders(302, stranger=404),
        "/desk/series/{asked_series}/decline",
        why="Travaux",
    ),
    get("/desk/presence/<slug>", deciders(stranger=404), "/desk/presence/{venue}"),
    get("/desk/codes/<slug>", deciders(stranger=404), "/desk/codes/{venue}"),
    get("/desk/feedback", deciders(302)),
    get("/desk/feedback/<slug>", deciders(stranger=404), "/desk/feedback/{venue}"),
    get("/desk/hours/<slug>", deciders(stranger=404), "/desk/hours/{venue}"),
    post(
        "/desk/hours/<slug>/closures",
        deciders(302, stranger=404),
        "/desk/hours/{venue}/closures",
        on="2027-03-20",
        why="Travaux",
    ),
    post(
        "/desk/hours/<slug>/closures/<id:closure_id>/end",
        deciders(302, stranger=404),
        "/desk/hours/{venue}/closures/{closure_id}/end",
    ),
    post(
        "/desk/hours/<slug>/days",
        deciders(302, stranger=404),
        "/desk/hours/{venue}/days",
        on="2027-03-20",
        shut="y",
    ),
    post(
        "/desk/hours/<slug>/days/<id:row_id>/remove",
        deciders(302, stranger=404),
        "/desk/hours/{venue}/days/{special_id}/remove",
    ),
    get("/members", admin(200)),
    post("/members/roles", admin(302), email="{owner}", role="manager", venue="{venue}"),
    post("/members/roles/<id:role_id>/revoke", admin(302), "/members/roles/{role_id}/revoke"),
]


def filled(text: str, world: World, actor: str) -> str:
    """The text with the world's names in place of its braces."""
    email = world.emails.get(actor, world.emails["owner"])
    return text.format(**vars(world), email=email, owner=world.emails["owner"])


BEHIND: dict[str, Callable[[Site], object]] = {
    "guest": Site.with_guest,
    "door_pass": Site.with_guest,
    "series}": Site.with_series,
    "/requests": visited,
    "/waitlist": in_line,
    "{feedback}": asked_how_it_was,
    "{quiet}": asked_how_it_was,
}
"""What few doors lead to, by what stands in their paths."""


def prepare(site: Site, *doors: Door) -> None:
    """Makes what is behind these doors."""
    paths = [door.path or door.rule for door in doors]
    for make_it in dict.fromkeys(
        one for part, one in BEHIND.items() if any(part in path for path in paths)
    ):
        make_it(site)


def knock(site: Site, door: Door, actor: str) -> TestResponse:
    path = filled(door.path or door.rule, site.world, actor)
    form = {name: filled(value, site.world, actor) for name, value in door.form.items()}
    answer = site.browser(actor).open(path, method=door.method, data=form or None)
    answer.close()
    return answer


def meaning(answer: TestResponse) -> int | str:
    """The status, or that one is sent to sign in."""
    to = urlsplit(answer.headers.get("Location", "")).path
    return SIGN_IN if to == "/account/sign-in" else answer.status_code


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_door_opens_for_those_it_is_meant_for(site: Site, door: Door, actor: str) -> None:
    prepare(site, door)

    assert meaning(knock(site, door, actor)) == (
        # Who is blocked keeps the right password, and still does not get in.
        422
        if (door.path or door.rule, door.method, actor) == ("/account/sign-in", "POST", "blocked")
        else door.answers[actor]
    )


CLOSED = [
    (door, actor)
    for door in DOORS
    for actor, answer in door.answers.items()
    if door.method == "POST" and answer in (404, SIGN_IN) and "reset" not in door.rule
]


@pytest.mark.parametrize(("door", "actor"), CLOSED, ids=str)
def test_a_closed_door_changes_nothing(site: Site, door: Door, actor: str) -> None:
    prepare(site, door)
    before = site.content()

    knock(site, door, actor)

    assert site.content() == before


def test_the_form_is_open_to_visitors_where_the_policy_says_so(site: Site) -> None:
    visited(site)

    answers = [
        site.browser(actor).get("/reservations/new", query_string={"space": space})
        for actor in ("visitor", "blocked")
        for space in (site.world.room, site.world.hall)
    ]

    assert [meaning(answer) for answer in answers] == [200, SIGN_IN] * 2


def test_a_manager_sees_no_request_of_their_own_at_the_desk_of_others(site: Site) -> None:
    """Beside it stands the venue's day, with everybody's titles."""
    room = atlas().space(*site.world.room.split("/"))
    own = make.reservation(room, "fri 9-10", by=site.member("stranger")).code
    db.session.commit()

    assert site.browser("stranger").get(f"/reservations/{own}").status_code == 200
    assert site.browser("stranger").get(f"/desk/{own}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "key"), [("trained", "trained_id"), ("memberships", "membership_id")]
)
def test_from_their_own_venue_managers_end_nothing_of_another(
    site: Site, kind: str, key: str
) -> None:
    before, numbers = site.content(), (getattr(site.world, key), 987654)
    doors = [f"/desk/people/autre/{kind}/{number}/end" for number in numbers]

    assert [site.browser("stranger").post(door).status_code for door in doors] == [404, 404]
    assert site.content() == before


@pytest.mark.parametrize("actor", ["owner", "other", "manager", "admin"])
def test_a_list_of_anothers_reservations_is_for_their_delegate_alone(
    site: Site, actor: str
) -> None:
    path = f"/reservations?for={site.world.delegation_id}"

    assert site.browser("delegate").get(path).status_code == 200
    assert site.browser(actor).get(path).status_code == 404


@pytest.mark.parametrize("number", ["x", "²", "0", "9" * 30, "-1"])
def test_a_list_of_nobodys_reservations_is_no_page(site: Site, number: str) -> None:
    assert site.browser("delegate").get(f"/reservations?for={number}").status_code == 404


def test_a_delegation_that_ends_closes_its_doors_at_the_next_request(site: Site) -> None:
    browser, path = site.browser("delegate"), f"/reservations/{site.world.code}"
    assert browser.get(path).status_code == 200

    site.browser("owner").post(f"/account/delegates/{site.world.delegation_id}/end")

    assert browser.get(path).status_code == 404


def test_an_administrator_of_one_venue_does_not_see_the_members_of_all(site: Site) -> None:
    role = Role(
        member_id=site.member("other").id,
        venue_id=site.world.venue_id,
        name="administrator",
        granted_at=make.NOW,
    )
    db.session.add(role)
    db.session.commit()

    assert site.browser("other").get("/members").status_code == 404


def test_a_role_that_ends_closes_its_doors_at_the_next_request(site: Site) -> None:
    browser = site.browser("manager")
    assert browser.get("/desk").status_code == 200

    for role in site.member("manager").roles:
        role.ends_at = make.NOW
    db.session.commit()

    assert browser.get("/desk").status_code == 404


@pytest.mark.parametrize("actor", ["owner", "manager"])
@pytest.mark.parametrize("kind", ["requests", "everything", ""])
def test_only_deciders_get_an_address_of_requests(site: Site, kind: str, actor: str) -> None:
    answer = site.browser(actor).post("/account/calendars", data={"kind": kind})

    expected = {"manager": 200, "owner": 403}[actor] if kind == "requests" else 404
    assert answer.status_code == expected


def routes(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        yield from (f"{method} {rule.rule}" for method in rule.methods - {"HEAD", "OPTIONS"})


def test_every_route_stands_in_the_table(site: Site) -> None:
    assert sorted(routes(site.app)) == sorted(map(str, DOORS))


def test_every_view_says_who_it_is_open_to(site: Site) -> None:
    views = {name: view for name, view in site.app.view_functions.items() if name != "static"}

    assert {name for name, view in views.items() if audience_of(view) not in AUDIENCES} == set()


def test_the_application_does_not_start_with_a_view_that_is_open_to_nobody_knows_whom() -> None:
    app = create_app()
    app.add_url_rule("/new", "new", lambda: "")

    with pytest.raises(RuntimeError, match="open to whom"):
        check_audiences(app)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/reservations/{code}", "/account", "/members/roles"])
def test_no_other_method_does_anything(site: Site, path: str, method: str) -> None:
    before = site.content()

    answer = site.browser("admin").open(filled(path, site.world, "admin"), method=method)

    assert answer.status_code == 405
    assert site.content() == before
