"""Whose account may sign in at all, in whichever way."""

import datetime as dt
from functools import lru_cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

from organizations.models import User, today
from organizations.signin.second_factor.requirement import with_needs


class AccountBackend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        """The account of a session, with what its posts need of the sign-in: no second query."""
        sql, params = _accounts(today())
        rows = User.objects.raw(f'{sql} WHERE "organizations_user"."id" = %s', [*params, user_id])
        user: User | None = next(iter(rows), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Accounts that were activated; demo accounts, whose password was printed, never in
        production. Holds for every way to sign in.
        """
        if user.activated_at is None or user.erased_at is not None:
            return False
        if user.is_demo and settings.PRODUCTION:
            return False
        return bool(super().user_can_authenticate(user))

    @classmethod
    def _stash_user(cls, user: Any) -> Any:
        """Do not let allauth go on with somebody who may not sign in.

        It would, to lead inactive accounts to a page of their own. Here such an account is
        answered like a wrong password, and a demo account must not get in by this door.
        """
        return None


@lru_cache(maxsize=1)
def _accounts(day: dt.date) -> tuple[str, tuple[Any, ...]]:
    """The question that every request begins with, for any account, as SQL. To put it into words
    takes longer than to answer it.
    """
    found: tuple[str, tuple[Any, ...]]
    found = with_needs(User.objects.order_by(), day=day).query.sql_with_params()
    return found
