"""Accounts as an edge deals with them: the slow part of a password first, then the action."""

from booking.actions import members as act
from booking.models.members import CONFIRM, RESET
from booking.queries import members as find


def register(email, name, password, *, language="en", now):
    act.register(email, name, act.accepted(password, name, email), language=language, now=now)


def confirm(token, password, device, *, now):
    proof = act.proven_for(find.mail_token(token, CONFIRM, now), password)
    return act.confirm(token, proof, device, now=now)


def sign_in(email, password, device, *, now):
    return act.sign_in(act.proven(find.by_email(email), password, "sign-in-wrong"), device, now=now)


def reset(token, password, *, now):
    member = find.mail_token(token, RESET, now).member
    act.reset(token, act.accepted(password, member.name, member.email), now=now)


def change_password(member, old, new, *, keep, now):
    proof = act.proven(member, old, "password-wrong")
    act.change_password(proof, act.accepted(new, member.name, member.email), keep=keep, now=now)


def create(email, name, password, *, now):
    return act.create(email, name, act.accepted(password, name, email), now=now)
