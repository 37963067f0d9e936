"""Accounts: registering, signing in and out, passwords, and what members say of themselves.

Answers never tell whether an address is known. Tokens leave this module once, in clear, on
their way to a mail or a cookie; only their digests are kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from booking.actions import outbox
from booking.db import db
from booking.errors import NotFound, Refusal, Refused
from booking.models.members import CONFIRM, RESET, MailToken, Member, SignIn
from booking.queries import members as find
from booking.rules import codes, passwords, texts

CONFIRM_FOR = timedelta(days=2)
RESET_FOR = timedelta(hours=1)
SIGNED_IN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Proof:
    """Somebody knew this member's password, as it was kept at that moment."""

    member_id: int
    password_hash: str


def accepted(password: str, name: str, email: str) -> str:
    """The hash of a new password, if it will do. Raises Refused.

    Hashing takes a good part of a second on purpose: call it before the transaction, not in it,
    or everybody who wants to write on SQLite waits as long.
    """
    check_password(password, (texts.one_line(name), texts.address(email)))
    return passwords.hashed(password)


def proven(member: Member | None, password: str, wrong: str) -> Proof:
    """That the password is the member's; as slow where there is no member. Call it like `accepted`.

    Raises Refused with the code `wrong`.
    """
    kept = member.password_hash if member else None
    right = passwords.matches(kept, password)
    if not right or member is None or kept is None:
        raise Refused([Refusal(wrong)])
    return Proof(member.id, kept)


def proven_for(link: MailToken, password: str) -> Proof:
    """The same for a link that confirms an address: the password is the one chosen with it."""
    if link.password_hash is None:
        return proven(link.member, password, "password-wrong")
    if not passwords.matches(link.password_hash, password):
        raise Refused([Refusal("password-wrong")])
    return Proof(link.member_id, link.password_hash)


def proved(proof: Proof, wrong: str) -> Member:
    """The member of a proof that still holds. Raises Refused with the code `wrong`."""
    query = select(Member).where(Member.id == proof.member_id).with_for_update(key_share=True)
    member = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if member is None or member.password_hash != proof.password_hash:
        raise Refused([Refusal(wrong)])
    return member


def register(email: str, name: str, password_hash: str, *, language: str, now: datetime) -> None:
    """Asks a new address to confirm itself; a known one is told by mail that it has an account.

    A visitor's is known and has none: nothing of theirs changes before the link has acted, with the
    password chosen now. All look the same to the one who asked. Raises Refused where nothing is
    left of the name.
    """
    name, email = texts.one_line(name)[:120], texts.address(email)
    check_name(name)
    member = find.by_email(email)
    if member is None:
        member = added(Member(email=email, name=name, language=language, created_at=now))
    if member is not None and member.visitor and member.confirmed_at and not member.blocked_at:
        send_link(member, CONFIRM, CONFIRM_FOR, "confirm-address", now, password_hash)
        return
    if member is None or member.confirmed_at is not None or member.blocked_at is not None:
        if member is not None and member.blocked_at is None:
            outbox.post("address-known", member, now)
        return
    member.name, member.password_hash, member.language = name, password_hash, language
    send_link(member, CONFIRM, CONFIRM_FOR, "confirm-address", now)


def added(member: Member) -> Member | None:
    """The new member; None when another request registered the same address just now."""
    try:
        with db.session.begin_nested():
            db.session.add(member)
    except IntegrityError:
        return None
    return member


def send_link(
    member: Member,
    purpose: str,
    lasts: timedelta,
    kind: str,
    now: datetime,
    password_hash: str | None = None,
) -> None:
    """Mails a link that acts once; older links of the same purpose end. `password_hash`: what
    becomes a visitor's own by it."""
    end_links(member, purpose, now)
    token = codes.token()
    row = MailToken(
        member_id=member.id,
        purpose=purpose,
        token_hash=codes.digest(token),
        password_hash=password_hash,
        created_at=now,
        expires_at=now + lasts,
    )
    db.session.add(row)
    outbox.post(kind, member, now, token=token)


def end_links(member: Member, purpose: str, now: datetime) -> None:
    """Links of this purpose that were mailed before act no more."""
    open_ones = update(MailToken).where(MailToken.member_id == member.id)
    open_ones = open_ones.where(MailToken.purpose == purpose, MailToken.used_at.is_(None))
    db.session.execute(open_ones.values(used_at=now))


def check_name(name: str) -> None:
    """Raises Refused where nothing is left of a name."""
    if not name:
        raise Refused([Refusal("name-missing")])


def use(link: MailToken, now: datetime) -> None:
    """The link has acted. Raises NotFound when another request was quicker by a moment."""
    query = update(MailToken).where(MailToken.id == link.id, MailToken.used_at.is_(None))
    if db.session.scalar(query.values(used_at=now).returning(MailToken.id)) is None:
        raise NotFound(what="link")


def check_password(password: str, about: tuple[str, ...]) -> None:
    """Raises Refused with the reason why the password will not do."""
    reason = passwords.weakness(password, about)
    if reason:
        raise Refused([Refusal(reason)])


def confirm(token: str, proof: Proof, device: str, *, now: datetime) -> str:
    """Confirms the address and signs in; returns the sign-in's token.

    The password is asked for, so that nobody can have an account made for a stranger's address
    with a password of their own. Raises NotFound, and Refused for a proof that no longer holds.
    """
    link = find.mail_token(token, CONFIRM, now)
    take_password(link)
    member = proved(proof, "password-wrong")
    if link.member_id != member.id:
        raise NotFound(what="link")
    use(link, now)
    member.confirmed_at = member.confirmed_at or now
    return signed_in(member, device, now)


def take_password(link: MailToken) -> None:
    """What was chosen with the link is the member's own, unless they have one by now."""
    if link.password_hash is None:
        return
    query = update(Member).where(Member.id == link.member_id, Member.password_hash.is_(None))
    db.session.execute(query.values(password_hash=link.password_hash))


def sign_in(proof: Proof, device: str, *, now: datetime) -> str:
    """A new sign-in; returns its token for the cookie. Raises Refused, always alike."""
    member = proved(proof, "sign-in-wrong")
    if member.confirmed_at is None or member.blocked_at is not None:
        raise Refused([Refusal("sign-in-wrong")])
    return signed_in(member, device, now)


def signed_in(member: Member, device: str, now: datetime) -> str:
    """Writes down a sign-in and returns its token."""
    token = codes.token()
    row = SignIn(
        member_id=member.id,
        token_hash=codes.digest(token),
        device=texts.one_line(device)[:200],
        created_at=now,
        expires_at=now + SIGNED_IN_FOR,
    )
    db.session.add(row)
    db.session.flush()
    return token


def sign_out(token: str) -> None:
    """The cookie that carries this token is dead."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == codes.digest(token)))


def end_sign_in(sign_in_id: int, *, by: Member) -> None:
    """Ends one of the member's own sign-ins. Raises NotFound for anybody else's."""
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.member_id != by.id:
        raise NotFound(what="sign-in")
    db.session.delete(row)
    db.session.flush()


def end_all_sign_ins(member: Member, but: str | None = None) -> None:
    """Ends every sign-in of the member, except the one whose token is given."""
    query = delete(SignIn).where(SignIn.member_id == member.id)
    if but is not None:
        query = query.where(SignIn.token_hash != codes.digest(but))
    db.session.execute(query)


def ask_reset(email: str, *, now: datetime) -> None:
    """Mails a link to set a new password, if there is such a member. Says nothing either way."""
    member = find.by_email(email)
    if member is not None and member.blocked_at is None:
        send_link(member, RESET, RESET_FOR, "reset-password", now)


def reset(token: str, password_hash: str, *, now: datetime) -> None:
    """Sets a new password by a mailed link; signs out everywhere. Raises NotFound."""
    link = find.mail_token(token, RESET, now)
    member = link.member
    use(link, now)
    member.password_hash = password_hash
    member.confirmed_at = member.confirmed_at or now
    end_all_sign_ins(member)
    outbox.post("password-changed", member, now)


def change_password(proof: Proof, password_hash: str, *, keep: str | None, now: datetime) -> None:
    """A new password; every sign-in but `keep` ends. Raises Refused for a proof of old."""
    member = proved(proof, "password-wrong")
    member.password_hash = password_hash
    end_links(member, RESET, now)
    end_all_sign_ins(member, but=keep)
    outbox.post("password-changed", member, now)


def describe(member: Member, name: str, organisation: str, phone: str, language: str) -> None:
    """What a member says of themselves. Raises Refused without a name."""
    name = texts.one_line(name)[:120]
    check_name(name)
    member.name = name
    member.organisation = texts.one_line(organisation)[:120] or None
    member.phone = texts.one_line(phone)[:40] or None
    member.language = language
    db.session.flush()


def create(email: str, name: str, password_hash: str | None, *, now: datetime) -> Member:
    """An account confirmed at once, for the first-run command and the demonstration.

    An address that is known is confirmed and gets this name and password. Raises Refused.
    """
    name, email = texts.one_line(name)[:120], texts.address(email)
    check_name(name)
    member = find.by_email(email) or Member(email=email, created_at=now, language="fr")
    member.name, member.password_hash = name, password_hash
    member.confirmed_at = member.confirmed_at or now
    db.session.add(member)
    db.session.flush()
    end_links(member, RESET, now)
    end_all_sign_ins(member)
    return member
