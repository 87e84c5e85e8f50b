"""Who needs a second factor, and how strong: decided by the posts that are in force today.

What a session has proved is read in `evidence`, and the two are compared in `gate`. The answer
is worked out anew for every request, so a post gained in mid-session counts at once; it costs no
query, because the sign-in backend fetches it together with the account (`with_needs`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from organizations.models import Post, User

Requirement = Literal["none", "any", "cryptographic"]

_R = Post.Role
# Reviewing and publishing: something besides the password, of whichever kind.
ANY_ROLES = (_R.REVIEWER, _R.CURATOR)
# Administration: a factor that no fake sign-in page can pass on (a passkey).
CRYPTOGRAPHIC_ROLES = (_R.ADMINISTRATOR, _R.SECURITY, _R.AUDITOR)


@dataclass(frozen=True)
class Needs:
    """What follows from a person's posts for signing in."""

    cryptographic_post: bool = False
    any_post: bool = False
    post: bool = False  # some post, of whichever kind
    switched_on: bool = False  # a factor of their own is registered

    @property
    def requirement(self) -> Requirement:
        if self.cryptographic_post:
            return "cryptographic"
        return "any" if self.any_post else "none"

    @property
    def level(self) -> Requirement:
        """What a session must have proved: whoever switched a factor on is asked for it."""
        if self.requirement == "none" and self.switched_on:
            return "any"
        return self.requirement


def with_needs(people: QuerySet[User], *, day: dt.date | None = None) -> QuerySet[User]:
    """Accounts with what `needs_of` asks for, by default today, in the same query."""
    posts = Post.objects.current(day).filter(user=OuterRef("pk"))
    return people.annotate(
        _cryptographic_post=Exists(posts.filter(role__in=CRYPTOGRAPHIC_ROLES)),
        _any_post=Exists(posts.filter(role__in=ANY_ROLES)),
        _post=Exists(posts),
        _switched_on=Exists(
            # Printed codes alone are a reserve for the day when something is lost.
            Authenticator.objects.filter(user=OuterRef("pk")).exclude(
                type=Authenticator.Type.RECOVERY_CODES
            )
        ),
    )


def needs_of(user: Any) -> Needs:
    """The needs of an account; one query unless `with_needs` fetched it."""
    if not user.is_authenticated:
        return Needs()
    if not hasattr(user, "_cryptographic_post"):
        found = with_needs(User.objects.filter(pk=user.pk)).first()
        if found is None:
            return Needs()
        user = found
    return Needs(
        # Demo accounts cannot exist in production, and a demo must be usable on any phone.
        cryptographic_post=bool(user._cryptographic_post) and not user.is_demo,
        any_post=bool(user._any_post) and not user.is_demo,
        post=bool(user._post),
        switched_on=bool(user._switched_on),
    )


def requirement(user: Any) -> Requirement:
    """What the posts that a person holds today ask of their sign-in."""
    return needs_of(user).requirement
