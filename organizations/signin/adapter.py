"""How people sign in: django-allauth with account names issued by a manager."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are issued by the organisation, never self-registered."""
        return False
