"""What allauth asks the house about second factors: names, secrets at rest, which steps there are.

The challenge is a page of our own (`views`), behind which nothing opens (`gate`); allauth's own
step inside its sign-in knows neither text messages nor WeCom, nor who needs which factor.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.signin.second_factor.recent import signed_in_recently


def _cipher() -> MultiFernet:
    """Keys derived from SECRET_KEY and its fallbacks, so that it can be changed."""
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret.encode())
                )
            )
            for secret in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
        ]
    )


class SecondFactorSteps(DefaultAccountAdapter):
    """The part of the account adapter that is about proving oneself once more."""

    def get_login_stages(self) -> list[str]:
        stages: list[str] = super().get_login_stages()
        return [stage for stage in stages if not stage.startswith("allauth.mfa.")]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not signed_in_recently(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        if not user.is_authenticated:
            return []
        return [{"id": "confirm", "description": "", "url": reverse("security:confirm")}]


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That was not the right code. Please look and try again."),
    }

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_FIELDS["name"])

    def _get_site_name(self) -> str:
        return str(settings.SITE_FIELDS["name"])

    def build_totp_svg(self, url: str) -> str:
        picture = io.BytesIO()
        segno.make(url, error="m").save(
            picture, kind="svg", scale=5, border=4, xmldecl=False, svgclass="qr", lineclass=None
        )
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}
