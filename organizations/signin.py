"""How people sign in: django-allauth with account names issued by a manager."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are issued by the organisation, never self-registered."""
        return False


class AccountBackend(AuthenticationBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        """Active accounts; demo accounts, whose password was printed, never in production."""
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
