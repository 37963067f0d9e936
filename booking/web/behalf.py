"""For whom a form reserves: the reader, a member they act for, or one a manager names.

`for` in an address is the number of a delegation, or a member's e-mail address (for managers);
`for=member` opens the form with that address still to be typed.
"""

from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice

from booking import clock
from booking.errors import NotFound
from booking.models.delegations import Delegation
from booking.models.members import Member
from booking.queries import delegations as find
from booking.queries.members import by_email, grants_of
from booking.queries.venues import SpaceFacts
from booking.rules import roles
from booking.rules.periods import Period
from booking.web.forms.reservations import ReservationForm, period_of
from booking.web.session import me, member

ANOTHER = "member"
"""Instead of a delegation: a member whose address is typed."""
NOBODY = lazy_gettext("No member with a confirmed account has this address.")
UNSAID = lazy_gettext("For whom? Please give the member’s e-mail.")
ENDED = lazy_gettext("You do not reserve for this person any more.")


def right(form: ReservationForm, space: SpaceFacts) -> Period | None:
    """The period, of a form in which all is right; None, with errors at their fields."""
    return period_of(form, space.zone) if form.validate() and known(form, space) else None


def known(form: ReservationForm, space: SpaceFacts) -> bool:
    """Whether it says for whom it is, if for somebody else; else that is told at its field."""
    try:
        whose(form, space)
    except NotFound:
        typed = form.for_email.data
        if decides(space.venue.id) and (typed or form.whose.data == ANOTHER):
            form.for_email.errors = [*form.for_email.errors, NOBODY if typed else UNSAID]
        else:
            form.whose.errors = [*form.whose.errors, ENDED]
            form.whose.data = form.for_email.data = ""
        return False
    return True


def whose(form: ReservationForm, space: SpaceFacts) -> Member | None:
    """The member it is for, where that is not the reader. Nothing is asked where it says nothing
    of that; where something wrong has been told at its field, nothing will be done by it.

    Raises NotFound for who is none, or none for whom the reader reserves.
    """
    if "whose" not in form or form.whose.errors or form.for_email.errors:
        return None
    if "@" in (form.whose.data or ""):  # As an address says it.
        form.for_email.data, form.whose.data = form.whose.data, ANOTHER
    typed, number = (form.for_email.data or "").strip(), form.whose.data or ""
    if not typed and number in ("", ANOTHER if request.method == "GET" else ""):
        return None  # Nobody, or an address that is typed next.
    found = named(typed, space.venue.id) if typed or number == ANOTHER else principal(number)
    return None if found.id == member().id else found


def named(email: str, venue_id: int) -> Member:
    """The member with this address, for who decides there. Raises NotFound."""
    if not decides(venue_id):
        raise NotFound(what="member")
    kept: dict[str, Member | None] = g.setdefault("named", {})
    if email not in kept:
        kept[email] = by_email(email)
    found = kept[email]
    if found is None or not find.able(found):
        raise NotFound(what="member")
    return found


def principal(number: str) -> Member:
    """The member of the reader's delegation of that number. Raises NotFound."""
    return delegation(number).member


def delegation(number: str) -> Delegation:
    """The reader's delegation of that number. Raises NotFound."""
    found = next((one for one in principals() if str(one.id) == number), None)
    if found is None:
        raise NotFound(what="delegation")
    return found


def principals() -> list[Delegation]:
    """For whom the reader acts; asked once for each answer."""
    reader = me()
    if "principals" not in g:
        g.principals = list(find.principals(reader, clock.now())) if reader else []
    return g.principals  # type: ignore[no-any-return]


def decides(venue_id: int) -> bool:
    """Whether the reader may reserve there for any member."""
    reader = me()
    return reader is not None and roles.may(grants_of(reader), "reserve_for", venue_id, clock.now())


def may_at(who: Member | None, space: SpaceFacts) -> bool:
    """Whether the reader may reserve that space for them, as far as that goes."""
    if who is None or decides(space.venue.id):
        return True
    return any(one.member_id == who.id for one in principals())


def names_another(form: ReservationForm, space: SpaceFacts) -> bool:
    """Whether a manager names any member, whoever that is: they decide, and nobody is asked."""
    if "whose" not in form or not decides(space.venue.id):
        return False
    return bool(form.for_email.data) or form.whose.data == ANOTHER


def is_theirs(form: ReservationForm, space: SpaceFacts) -> bool:
    """Whether it is for somebody else, who may not have been named yet."""
    return names_another(form, space) or seen(form, space) is not None


def seen(form: ReservationForm, space: SpaceFacts) -> Member | None:
    """The same as `whose`, for a page that is shown: nobody where that is wrong."""
    try:
        return whose(form, space)
    except NotFound:
        return None


def offer(form: ReservationForm, space: SpaceFacts) -> None:
    """Sets for whom the form lets one reserve; nothing of it is shown to who has nobody."""
    if "whose" not in form:
        return
    form.decides = decides(space.venue.id)
    choices = [(str(one.id), one.member.name) for one in principals()]
    if choices and form.decides:
        choices.append((ANOTHER, gettext("Another member, by e-mail")))
    form.whose.choices = [SelectChoice(*one) for one in (("", gettext("Myself")), *choices)]


@dataclass(frozen=True)
class Standing:
    """How the reader stands to a reservation: `own` where they act for its member; `behalf` is
    the delegation by which they do, None for themselves. `home`: the list it stands in for them,
    as a step of a trail."""

    own: bool
    home: tuple[str, str]
    behalf: Delegation | None = None


def standing(member_id: int) -> Standing:
    """The reader's, to what is this member's; of oneself nothing is asked."""
    if member_id == member().id:
        return Standing(True, (gettext("My reservations"), url_for("reservations.index")))
    behalf = next((one for one in principals() if one.member_id == member_id), None)
    if behalf is None:
        return Standing(False, (gettext("Requests"), url_for("desk.index")))
    list_of_them = gettext("Reservations of %(name)s", name=behalf.member.name)
    url = url_for("reservations.index", **{"for": str(behalf.id)})
    return Standing(True, (list_of_them, url), behalf)


def list_url(member_id: int, anchor: str | None = None) -> str:
    """Where this member's reservations are listed for the reader; the reader's own, where they are
    not for them to see."""
    behalf = standing(member_id).behalf
    asked = {"for": behalf.id} if behalf else {}
    return url_for("reservations.index", **asked, _anchor=anchor)
