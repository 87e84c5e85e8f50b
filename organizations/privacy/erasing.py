"""Erasing a person: the personal data go, a pseudonym stays that figures rest on.

What becomes of each field is declared in `rules`; here is who may, when, and in which order. The
audit log holds ids only, so its chain stays as it is. Lectures that name a speaker are content:
they stay, and whoever erases is told so.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log import record
from organizations.models import Membership, Post, User, today
from organizations.permissions import ADMINISTRATIONS, check_can_keep_account, passes
from organizations.privacy.rules import Fate, Rule, all_acts, all_rules


class Reason(models.TextChoices):
    """Why a keeper erases somebody; the log keeps the word, never a text that names people."""

    ASKED = "asked", gettext_lazy("the person asked for it")
    LEFT = "left", gettext_lazy("left the organisation")
    DIED = "died", gettext_lazy("died")
    MISTAKE = "mistake", gettext_lazy("entered by mistake")


class EraseError(Exception):
    """The person cannot be erased now; the message is for whoever asked."""


def check_can_erase(actor: Any, person: User) -> None:
    """One's own data, or those of somebody whose account one keeps."""
    if actor is None or actor.pk == person.pk:
        return
    check_can_keep_account(actor, person)


def can_erase(actor: Any, person: User) -> bool:
    return passes(check_can_erase, actor, person)


def person_erase(
    *, actor: Any, person: User, reason: str, request: HttpRequest | None = None
) -> User:
    """Remove the personal data and close the account for good. Twice is once.

    `actor` is the person, a keeper of the person's unit, or None for the nightly cleaning.
    A keeper gives one of the `Reason`s. Raises PermissionDenied, EraseError.
    """
    check_can_erase(actor, person)
    by_keeper = actor is not None and actor.pk != person.pk
    if by_keeper and reason not in Reason.values:
        raise EraseError(_("Please give the reason."))
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.erased_at is not None:
            return person
        _check_not_last_administrator(person)
        branch = _home_code(person)
        counts: Counter[str] = Counter()
        for name, act in all_acts().items():
            counts[name] += act(person)
        _close_ties(person, counts)
        # The account comes last: until then what it is called can be asked for.
        for rule in sorted(all_rules(), key=lambda rule: "pk" in rule.people):
            _apply(rule, person, counts)
        person.refresh_from_db()
        person.groups.clear()
        person.user_permissions.clear()
        how = "keeper" if by_keeper else "own" if actor is not None else "retention"
        record(
            "person.erase",
            actor=actor,
            target=person,
            request=request,
            how=how,
            reason=reason if by_keeper else "",
            unit=branch,
            removed={name: count for name, count in sorted(counts.items()) if count},
        )
    return person


def pseudonym(person: User) -> str:
    """What lists show from then on, in the installation's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("Erased person %(number)s") % {"number": short_id(person)}


def short_id(person: User) -> str:
    return f"{person.pk:06d}"


def erased_username(person: User) -> str:
    return f"erased-{short_id(person)}"


# -- steps -----------------------------------------------------------------------------------------


def _check_not_last_administrator(person: User) -> None:
    held = Post.objects.current().filter(user=person, role__in=ADMINISTRATIONS)
    for role in set(held.values_list("role", flat=True)):
        others = Post.objects.current().filter(role=role, user__is_active=True)
        if not others.exclude(user=person).exists():
            raise EraseError(
                _("This is the last %(post)s. Somebody else must hold the post first.")
                % {"post": Post.Role(role).label}
            )


def _home_code(person: User) -> str:
    ties = Membership.objects.current().filter(user=person, kind=Membership.Kind.HOME)
    code: str | None = ties.values_list("organization__code", flat=True).first()
    return code or ""


def _close_ties(person: User, counts: Counter[str]) -> None:
    """Open memberships and posts end today; what would begin later never does."""
    for model in (Membership, Post):
        rows = model._default_manager.filter(user=person)
        counts[model._meta.label] += rows.filter(valid_from__gt=today()).delete()[0]
        counts[model._meta.label] += rows.filter(valid_to__isnull=True).update(valid_to=today())
        rows.filter(valid_to__gt=today()).update(valid_to=today())


def _apply(rule: Rule, person: User, counts: Counter[str]) -> None:
    model = rule.model()
    if model is None:
        return
    # Not the default manager: it may hide rows.
    everything = model._base_manager.all()
    for relation, fate in rule.people.items():
        rows = everything.filter(**{relation: person.pk})
        if fate is Fate.DELETE:
            counts[rule.label] += rows.delete()[0]
        elif fate is Fate.DETACH:
            counts[rule.label] += rows.update(**{relation: None})
        elif fate is Fate.CLEAR:
            values = {name: _value(value, person) for name, value in rule.clear.items()}
            counts[rule.label] += rows.update(**values)


def _value(value: Any, person: User) -> Any:
    return value(person) if callable(value) else value
