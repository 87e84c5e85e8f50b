"""Taking away whatever opens accounts: when people leave, and before one of them is taken back.

Whoever comes back sets the account up anew with a one-time code, as somebody new. The act that
this is part of is logged by its own service.
"""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from notices.choosing import ways_end
from organizations.models import Credential, User


def accounts_put_to_sleep(*, people: Collection[int]) -> None:
    """End sessions, password, activation, factors, linked identities and codes of these people, and
    the ways by which messages came to them outside.

    In the transaction of the caller, who also says whether the accounts are closed.
    """
    User.objects.filter(pk__in=people).update(
        password=make_password(None), activated_at=None, email=""
    )
    ways_end(people=people)
    Credential.objects.filter(user__in=people, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    Authenticator.objects.filter(user__in=people).delete()
    SocialAccount.objects.filter(user__in=people).delete()
    for session in UserSession.objects.filter(user__in=people):
        session.end()
