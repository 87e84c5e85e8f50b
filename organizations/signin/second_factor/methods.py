"""Which ways of proving themselves a person has, and which of them help a given session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from organizations.signin.second_factor import evidence, phone_codes, wecom
from organizations.signin.second_factor.evidence import Method, fulfils
from organizations.signin.second_factor.requirement import Requirement, needs_of

_T = Authenticator.Type


def registered(user: Any) -> list[Authenticator]:
    """The person's own factors, oldest first; printed codes only while some are left."""
    found = Authenticator.objects.filter(user_id=user.pk).order_by("pk")
    return [
        factor
        for factor in found
        if factor.type != _T.RECOVERY_CODES or factor.wrap().get_unused_codes()
    ]


def methods_available(user: Any) -> set[Method]:
    """Every way in which this person could prove something right now."""
    kinds: dict[str, Method] = {
        _T.TOTP: "totp",
        _T.WEBAUTHN: "webauthn",
        _T.RECOVERY_CODES: "recovery_codes",
    }
    ways: set[Method] = {kinds[factor.type] for factor in registered(user)}
    if user.has_usable_password():
        ways.add("password")
    if phone_codes.can_receive(user):
        ways.add("sms")
    if wecom.is_linked(user):
        ways.add("wecom")
    return ways


@dataclass(frozen=True)
class Standing:
    """Where a session stands: what it has proved, what it needs, what could be asked for."""

    reached: Requirement
    needed: Requirement
    used: frozenset[Method]
    available: frozenset[Method]

    @property
    def passed(self) -> bool:
        return fulfils(self.reached, self.needed)

    @property
    def sufficient(self) -> set[Method]:
        """Any one of these lets the session through."""
        return {
            way
            for way in self.available
            if not self.passed and fulfils(evidence.level_reached(self.used | {way}), self.needed)
        }

    @property
    def helpful(self) -> set[Method]:
        """These lift the session without letting it through: then a new factor may be set up."""
        lifting = {way for way in self.available if evidence.raises(self.used, way)}
        return set() if self.passed else lifting - self.sufficient

    @property
    def may_enrol(self) -> bool:
        """Whether a new factor may be set up.

        A stolen password must not be enough to register the thief's own passkey: as long as
        there is anything else to prove, it comes first.
        """
        if self.passed:
            return True
        return not self.sufficient and not self.helpful


def records_of(request: HttpRequest) -> list[dict[str, Any]]:
    return get_authentication_records(request, request.user)


def standing(request: HttpRequest) -> Standing:
    used = frozenset(evidence.methods_of(records_of(request)))
    return Standing(
        reached=evidence.level_reached(used),
        needed=needs_of(request.user).level,
        used=used,
        available=frozenset(methods_available(request.user)),
    )


def has_passed(request: HttpRequest) -> bool:
    """The question of every request: nothing is asked of the database."""
    needed = needs_of(request.user).level
    if needed == "none":
        return True
    return fulfils(evidence.level_reached(evidence.methods_of(records_of(request))), needed)
