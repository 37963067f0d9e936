"""Whatever is typed or sent: a clear no, nothing saved, what was typed kept. Never a 500."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.site import Site
from tests.test_access import DOORS, filled

HUGE = "a" * 10_000
DIGITS = "9" * 5_000
NASTY = ["\x00", "a\x00b", "\ud800", "\u202e", "'; --", "%s%n", "{{7*7}}", "../../etc"]
NASTY += ["🦊", "\r\nX-Evil: 1", "[]", "{}", "null", "-1", HUGE]
RESERVATION = {
    "space": "baleine/salle",
    "on": "2027-03-11",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Réunion de lecture",
}
REFUSED = [
    *[{"on": on} for on in ("", "2027-02-31", "2027-13-01", "9999-12-31", "0001-01-01", "demain")],
    *[{"on": on} for on in ("10000-01-01", "1999-12-31", "3000-01-01", "2027-3", "11/03/2027")],
    *[{"from": at} for at in ("", "25:00", "10:60", "10", "-1:00", "10:00:00.1", "midi")],
    *[{"to": at} for at in ("", "09:00", "10:00", "24:00", "00:60")],
    *[{"people": count} for count in ("", "0", "-1", "10000", "abc", "1.5", "1e3", DIGITS)],
    *[{"from": "02:30", "to": "03:30", "on": "2027-03-28"}],
    *[{"from": "01:30", "to": "02:30", "on": "2027-03-28"}],
    *[{"title": "x" * 121}, {"note": "x" * 2_001}, {"title": HUGE}, {"note": HUGE}],
    *[{"space": "baleine/bureaux", "unit": unit} for unit in ("999", "x", "-1", DIGITS)],
    *[{name: nasty} for name in ("on", "from", "to", "people") for nasty in NASTY],
    # The rules of the house.
    {"on": "2027-03-06"},
    {"on": "2028-03-11"},
    {"people": "9"},
    {"from": "06:00"},
    {"to": "00:00"},
    {"to": "10:05"},
]
NO_SUCH = ["nowhere/salle", "baleine/nothing", "baleine", "baleine/", "/salle", "baleine/salle/x"]
NO_SUCH += ["Baleine/Salle", "baleine/salle ", "", *NASTY]


def safe(text: str) -> str:
    """As a browser sends it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("unit", ["999", "x", "-1", "²", DIGITS, "9" * 19])
def test_a_link_to_a_desk_that_is_none_leads_nowhere(site: Site, unit: str) -> None:
    link = RESERVATION | {"space": "baleine/bureaux", "unit": unit}

    answer = site.browser("owner").get("/reservations/new?" + urlencode(link))

    assert answer.status_code == 404


@pytest.mark.parametrize("changes", REFUSED, ids=lambda c: str(c)[:60])
def test_a_reservation_that_cannot_be_is_refused_and_stays_typed(
    site: Site, changes: dict[str, str]
) -> None:
    before = site.content()
    form = {name: safe(value) for name, value in (RESERVATION | changes).items()}

    answer = site.browser("owner").post("/reservations/new", data=form)

    assert answer.status_code == 422
    assert site.content() == before
    assert "title" in changes or "Réunion de lecture" in answer.text


@pytest.mark.parametrize("space", NO_SUCH, ids=lambda s: ascii(s)[:20])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_space_that_is_none_is_not_found(site: Site, method: str, space: str) -> None:
    form, browser = RESERVATION | {"space": safe(space)}, site.browser("owner")
    before = site.content()

    if method == "POST":
        answer = browser.post("/reservations/new", data=form)
    else:
        answer = browser.get("/reservations/new", query_string=form)

    assert answer.status_code == (302 if method == "GET" and not space else 404)
    assert site.content() == before


FORMS = {
    "/account/register": {"name": "Nine", "email": "n@example.org", "password": "Calanque-1944-m!"},
    "/account/sign-in": {"email": "n@example.org", "password": "x", "next": "/"},
    "/account/forgot": {"email": "n@example.org"},
    "/account/reset/{reset}": {"password": "Calanque-1944-mistral!"},
    "/account/confirm/{confirm}": {"password": "x"},
    "/account": {"name": "Nine", "organisation": "", "phone": "", "language": "fr"},
    "/account/password": {"old": "x", "password": "Calanque-1944-mistral!"},
    "/account/calendars": {"kind": "mine"},
    "/members/roles": {"email": "n@example.org", "role": "manager", "venue": "baleine"},
    "/reservations/{code}/cancel": {"why": "Grève"},
    "/reservations/{code}/change": {
        **{"space": "baleine/salle", "on": "2027-03-08", "from": "9:00", "to": "11:00"},
        **{"until": "", "people": "2", "version": "0", "unit": "", "layout": "", "activity": ""},
        **{"organisation": "", "named": "", "title": "", "note": "", "exception": ""},
    },
    "/desk/{request}/decline": {"why": "Travaux"},
}
FIELDS = [(path, name) for path, form in FORMS.items() for name in form]


@pytest.mark.parametrize(("path", "name"), FIELDS)
def test_no_field_of_a_form_can_be_filled_so_that_it_breaks(
    site: Site, path: str, name: str
) -> None:
    browser = site.browser("admin")

    for nasty in [*NASTY, "", DIGITS, "x" * 200_000]:
        form = FORMS[path] | {name: safe(nasty)}
        answer = browser.post(filled(path, site.world, "admin"), data=form)
        assert answer.status_code < 500


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("way", ["nothing", "twice", "brackets", "bytes", "json", "files"])
def test_no_form_can_be_sent_in_a_way_that_breaks(site: Site, path: str, way: str) -> None:
    names = list(FORMS[path])
    ways = {
        "nothing": {"data": b""},
        "twice": {"data": {name: ["one", "two"] for name in names}},
        "brackets": {"data": {f"{name}[]": "x" for name in names}},
        "bytes": {
            "data": b"&".join(name.encode() + b"=\xff\xfe%ff%ed%a0%80" for name in names),
            "content_type": "application/x-www-form-urlencoded",
        },
        "json": {"json": {name: ["x"] for name in names}},
        "files": {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=x"},
    }

    answer = site.browser("admin").post(filled(path, site.world, "admin"), **ways[way])

    assert answer.status_code < 500


@pytest.mark.parametrize("size", [2_000_000, 400_000])
def test_too_much_at_once_is_not_read(site: Site, size: int) -> None:
    before = site.content()
    part = '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n'
    body = f"{part}{'x' * size}\r\n--x--\r\n".encode()

    answer = site.browser("owner").post(
        "/reservations/new", data=body, content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 413
    assert site.content() == before


@pytest.mark.parametrize("count", [0, "two", 10**10, 10**30, "9" * 5_000, "-1", "1.0", "٣"])
@pytest.mark.parametrize(
    "path",
    ["/account/sign-ins/{}/end", "/account/calendars/{}/revoke", "/members/roles/{}/revoke"],
)
def test_a_row_that_cannot_be_counted_is_not_found(site: Site, path: str, count: object) -> None:
    before = site.content()

    answer = site.browser("admin").post(path.format(count))

    assert answer.status_code == 404
    assert site.content() == before


@pytest.mark.parametrize("code", [*NASTY, "AAA-AAAA", "R7K", "ß" * 50, "%", "_______"])
@pytest.mark.parametrize("path", ["/reservations/{}", "/desk/{}"])
def test_a_code_that_is_none_is_not_found(site: Site, path: str, code: str) -> None:
    answer = site.browser("admin").get(path.format(safe(code).replace("/", "-")))

    assert answer.status_code == 404


@pytest.mark.parametrize("token", [*NASTY[:10], "a", "a" * 300, "%00"])
@pytest.mark.parametrize("path", ["/feeds/{}.ics", "/account/confirm/{}", "/account/reset/{}"])
def test_a_token_that_is_none_is_not_found(site: Site, path: str, token: str) -> None:
    answer = site.browser().get(path.format(safe(token).replace("/", "-")))

    assert answer.status_code == 404


@pytest.mark.parametrize("on", ["never", "9999-12-31", "0001-01-01", "2027-02-31", *NASTY])
@pytest.mark.parametrize("path", ["/venues/baleine", "/venues/baleine/salle"])
def test_a_day_that_is_none_is_not_found(site: Site, path: str, on: str) -> None:
    assert site.browser().get(path, query_string={"on": safe(on)}).status_code == 404


@pytest.mark.parametrize("on", ["2000-01-01", "2999-12-31", "2027-03-28", "2027-10-31", ""])
@pytest.mark.parametrize("path", ["/venues/baleine", "/venues/baleine/salle"])
def test_every_day_of_a_calendar_can_be_looked_at(site: Site, path: str, on: str) -> None:
    assert site.browser().get(path, query_string={"on": on}).status_code == 200


ASKED_WRONG = [
    {"on": "2027-02-31"},
    {"on": "9999-12-31"},
    {"from": "25:00"},
    {"from": "12:00", "to": "10:00"},
    {"people": "0"},
    {"people": "10000"},
    {"people": "abc"},
    {"people": DIGITS},
]


@pytest.mark.parametrize("query", ASKED_WRONG, ids=lambda q: str(q)[:40])
def test_a_search_that_cannot_be_is_refused(site: Site, query: dict[str, str]) -> None:
    answer = site.browser().get("/search", query_string=query)

    assert answer.status_code == 422
    assert "summary" in answer.text


@pytest.mark.parametrize("opens", ["00:00", "21:59", "22:00", "22:30", "23:00", "23:59"])
def test_a_search_needs_no_end(site: Site, opens: str) -> None:
    assert site.browser().get("/search", query_string={"from": opens}).status_code == 200


@pytest.mark.parametrize("page", ["abc", "0", "-1", "1.5", "", "999999", DIGITS, "٣", "1&page=2"])
def test_a_page_that_is_none_is_the_nearest_that_is_one(site: Site, page: str) -> None:
    assert site.browser("owner").get(f"/reservations?page={page}").status_code == 200


NAMES = ["on", "from", "to", "people", "kind", "venue", "space", "lang", "page", "next", "unit"]
NAMES += ["on[]", "lang[]", "", "csrf_token"]


@pytest.mark.parametrize("nasty", [*NASTY[::3], DIGITS, "١٢"], ids=lambda n: ascii(n)[:20])
def test_no_address_can_be_asked_in_a_way_that_breaks(site: Site, nasty: str) -> None:
    query = urlencode([(name, safe(nasty)) for name in NAMES])
    paths = [door.path or door.rule for door in DOORS if door.method == "GET"]
    browser = site.browser("admin")

    for path in paths:
        address = filled(path, site.world, "admin")
        with browser.get(f"{address}{'&' if '?' in address else '?'}{query}") as answer:
            assert answer.status_code < 500, address


@pytest.mark.parametrize("query", ["%ff%fe", "on=%ed%a0%80", "%", "&&&==", "on", "=x", "on=%00"])
@pytest.mark.parametrize("path", ["/", "/search", "/venues/baleine", "/reservations/new"])
def test_no_bytes_of_an_address_break_it(site: Site, path: str, query: str) -> None:
    assert site.browser("owner").get(f"{path}?{query}").status_code < 500


HEADERS = {
    "Accept-Language": ["x" * 5_000, "fr;q=nan", "\xff", ",,,;;;", "*", "en-" + "a" * 100],
    "User-Agent": ["x" * 20_000, "\xff\xfe", "<script>"],
    "Cookie": ["session=x", "session=" + "x" * 8_000, "session=.a.b", "\xff=\xff", "; ; ="],
    "If-None-Match": ["*", '"', 'W/"x', "x" * 5_000],
    "If-Modified-Since": ["never", "Thu, 99 Foo 9999 99:99:99 GMT"],
    "Range": ["bytes=0-1", "bytes=9-0", "bytes=-" + DIGITS[:30]],
    "Content-Length": ["-1", "x"],
}
SENT = [(name, value) for name, values in HEADERS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), SENT, ids=lambda v: ascii(v)[:20])
def test_no_header_breaks_a_page_or_a_feed(site: Site, name: str, value: str) -> None:
    for path in ("/", "/venues/baleine/calendar.ics", "/account/sign-in"):
        assert site.browser().get(path, headers={name: value}).status_code < 500


typed = st.one_of(
    st.text(max_size=30),
    st.dates().map(str),
    st.times().map(lambda at: at.strftime("%H:%M")),
    st.integers().map(str),
    st.sampled_from(["baleine", "baleine/salle", "baleine/bureaux", "open_space", "2027-03-28"]),
)
queries = st.lists(st.tuples(st.sampled_from(NAMES), typed), max_size=8)
searching = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@searching
@given(queries)
def test_no_search_breaks(site: Site, query: list[tuple[str, str]]) -> None:
    asked = [(name, safe(value)) for name, value in query]

    assert site.browser().get(f"/search?{urlencode(asked)}").status_code in (200, 422)


@searching
@given(queries)
def test_no_link_to_the_form_breaks(site: Site, query: list[tuple[str, str]]) -> None:
    asked = [("space", "baleine/salle"), *((name, safe(value)) for name, value in query)]

    answer = site.browser("owner").get(f"/reservations/new?{urlencode(asked)}")

    assert answer.status_code == 200
