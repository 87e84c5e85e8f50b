"""What the department decides: versions of the rule, yearly targets. Years are in `years`.

A rule begins on a day to come and a target in a year that is not closed, so neither changes what
was credited or closed.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.ledger.books import rules_known
from lms.ledger.models import CreditRule, HourTarget
from lms.ledger.permissions import check_can_keep_ledger
from lms.ledger.rules import Rule, RuleError, rule_from
from lms.ledger.statements import closing_of
from organizations.models import Organization


class KeepingError(Exception):
    """This cannot be set so; the message says why."""


@transaction.atomic
def rule_make(*, actor: Any, valid_from: dt.date, terms: dict[str, Any]) -> Rule:
    """A further version. The terms that are the newest already, from the same day, are not made
    again. Raises PermissionDenied, KeepingError.
    """
    check_can_keep_ledger(actor)
    if valid_from <= timezone.localdate():
        raise KeepingError(_("A new rule begins tomorrow or later; what was credited stays."))
    if valid_from.year > timezone.localdate().year + 1:
        raise KeepingError(_("A new rule begins by the end of next year at the latest."))
    known = rules_known()
    newest = known[max(known)]
    if valid_from < newest.valid_from:
        raise KeepingError(_("A newer rule begins on that day already."))
    try:
        rule = rule_from(newest.version + 1, valid_from, terms)
    except RuleError:
        raise KeepingError(
            _("Longer lectures cannot be worth less, and half a day not more than the day.")
        ) from None
    if (newest.terms(), newest.valid_from) == (rule.terms(), valid_from):
        return newest
    try:
        with transaction.atomic():
            row = CreditRule.objects.create(
                version=rule.version, valid_from=valid_from, terms=rule.terms(), made_by=actor
            )
    except IntegrityError:
        raise KeepingError(
            _("Somebody has just set another rule. Please look at it first.")
        ) from None
    log.record("credit_rule.make", actor=actor, target=row, version=rule.version)
    return rule


@transaction.atomic
def target_set(
    *, actor: Any, year: int, category: str, organization: Organization | None, hours: Decimal
) -> HourTarget:
    """Raises PermissionDenied, KeepingError."""
    check_can_keep_ledger(actor)
    _check_open(year)
    if year < timezone.localdate().year - 1:
        raise KeepingError(_("Targets are set for this year, the last one or later ones."))
    row, made = HourTarget.objects.get_or_create(
        year=year, category=category, organization=organization, defaults={"hours": hours}
    )
    if not made and row.hours == hours:
        return row
    row.hours = hours
    row.save(update_fields=["hours"])
    log.record(
        "hour_target.set", actor=actor, target=row, year=year, hours=str(hours),
        unit=organization.code if organization else "",
    )  # fmt: skip
    return row


@transaction.atomic
def target_remove(*, actor: Any, target_id: int) -> None:
    """It was set by mistake: what stood before it holds again. Raises PermissionDenied,
    KeepingError; a second time is nothing.
    """
    check_can_keep_ledger(actor)
    row = HourTarget.objects.filter(pk=target_id).select_related("organization").first()
    if row is None:
        return
    _check_open(row.year)
    key, unit = row.pk, row.organization
    row.delete()
    row.pk = key
    log.record(
        "hour_target.remove", actor=actor, target=row, year=row.year, hours=str(row.hours),
        unit=unit.code if unit else "",
    )  # fmt: skip


def _check_open(year: int) -> None:
    if closing_of(year) is not None:
        raise KeepingError(_("The year %(year)s is closed; its targets stay.") % {"year": year})
