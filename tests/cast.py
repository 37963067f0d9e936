"""Who acts in a test. Names say what they may do; each is somebody else at every call."""

from booking.models.members import Member
from booking.models.venues import Venue
from tests import make


def member() -> Member:
    """Reserves, and owns what the test is about."""
    return make.member("Mireille")


def other_member() -> Member:
    """Reserves too; has nothing to do with the first."""
    return make.member("Gaspard")


def delegate(of: Member) -> Member:
    """Reserves for that member too, who has said so."""
    made = make.member("Delphine")
    make.delegation(of, made)
    return made


def stranger() -> Member:
    """Signed in, confirmed, and without any business here."""
    return make.member("Zoé")


def unconfirmed() -> Member:
    """Has not yet shown that the address is theirs."""
    made = make.member("Nine")
    made.confirmed_at = None
    return made


def blocked() -> Member:
    """Has been shut out."""
    made = make.member("Balthazar")
    made.blocked_at = make.NOW
    return made


def manager(*venues: Venue) -> Member:
    """Decides at these venues."""
    return make.manager(*venues)


def other_manager() -> Member:
    """Decides at a venue of another operator."""
    return make.manager(make.venue(), name="Hortense")


def admin() -> Member:
    """May do everything everywhere."""
    return make.admin()
