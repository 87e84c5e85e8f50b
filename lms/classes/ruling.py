"""Acts on enrolment rules and catch-up runs. What a rule does is in `enrolling`."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit import log
from lms.classes.matching import rule_preview
from lms.classes.models import Enrolment, EnrolmentRule, TrainingClass
from lms.classes.permissions import check_can_organise
from lms.classes.planning import ClassError, run_create
from notices.commits import after_commit
from notices.wakeups import EXPIRES_SECONDS, wake
from organizations.people.viewer import Viewer
from organizations.roster.transitions import NO_LEASE

WORK = "lms.classes.tasks.rule_work"
State = EnrolmentRule.State
CATCH_UP_DAYS = 30


def rule_wake(key: uuid.UUID) -> None:
    """Tell a worker now. A broker that is away is no error: the sweep tells again."""
    wake(WORK, str(key), expires=EXPIRES_SECONDS)


def rule_create(
    *, rule: EnrolmentRule, user: Any, means_everybody: bool = False, wake: bool = True
) -> EnrolmentRule:
    """Queue a rule that was previewed; `rule` is not saved yet and has the key of its form.

    Raises PermissionDenied, and ClassError for a rule that meets nobody, or everybody without
    saying so.
    """
    check_can_organise(user, rule.training_class.organization)
    check_can_organise(user, rule.unit)
    if (found := EnrolmentRule.objects.filter(pk=rule.pk).first()) is not None:
        return found
    preview = rule_preview(rule, viewer=Viewer(user=user, is_open=False))
    if preview.nobody:
        raise ClassError(
            _("Nobody fits this rule, so nobody would be enrolled. Please choose fewer conditions.")
        )
    if preview.everybody and not means_everybody:
        raise ClassError(
            _("Everybody of the unit fits this rule. If you mean everybody, please confirm it.")
        )
    rule.created_by = user
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
            log.record(
                "enrolment_rule.create", actor=user, target=rule.training_class,
                unit=rule.unit.code, people=preview.new,
            )  # fmt: skip
            if wake:
                after_commit(rule_wake, rule.pk)
    except IntegrityError:
        return EnrolmentRule.objects.get(pk=rule.pk)
    return rule


@transaction.atomic
def rule_end(*, rule: EnrolmentRule, user: Any) -> bool:
    """The rule enrols nobody any more; who was enrolled stays."""
    check_can_organise(user, rule.training_class.organization)
    rows = EnrolmentRule.objects.filter(pk=rule.pk).exclude(state=State.ENDED)
    if not rows.update(state=State.ENDED, fence=F("fence") + 1, **NO_LEASE):
        return False
    Enrolment.objects.filter(rule=rule).update(unfit_since=None)
    log.record("enrolment_rule.end", actor=user, target=rule.training_class, unit=rule.unit.code)
    return True


@transaction.atomic
def rule_again(*, rule: EnrolmentRule, user: Any) -> bool:
    """Another pass, also of one that a failure stopped. False while one waits or runs."""
    check_can_organise(user, rule.training_class.organization)
    rows = EnrolmentRule.objects.filter(pk=rule.pk, state__in=(State.DONE, State.FAILED))
    if not rows.update(state=State.WAITING, attempts=0, **NO_LEASE):
        return False
    after_commit(rule_wake, rule.pk)
    return True


@transaction.atomic
def catch_up(*, run: TrainingClass, user: Any, by_rule: bool, today: dt.date) -> TrainingClass:
    """A new run of tier 兜底 for who still lacks this one, in one act. Pressed twice it is one run.

    By a list: those who are enrolled now and have not completed, and no others later. By rule: the
    rules of this run once more, kept fresh, for who lacks every run of the plan. Whoever is exempt
    lacks nothing. Raises ClassError.
    """
    check_can_organise(user, run.organization)
    opened = Enrolment.objects.open().asked().filter(training_class=run, completed_at__isnull=True)
    standing = run.rules.filter(of_class=None).exclude(state=State.ENDED)
    rules = list(standing.select_related("unit")) if by_rule else []
    for rule in rules:
        check_can_organise(user, rule.unit)
    if by_rule and not rules:
        raise ClassError(_("This run has no rule. Please make the catch-up run from its list."))
    if not by_rule and not opened.exists():
        raise ClassError(_("Nobody in this run still lacks it, so there is nothing to catch up."))
    key = uuid.uuid5(run.key or uuid.NAMESPACE_URL, f"{run.pk}:{by_rule}:{today.isoformat()}")
    made = run_create(
        plan=run.plan, user=user, key=key, organization=run.organization, catches_up=run,
        tier=TrainingClass.Tier.CATCH_UP, description=run.description, starts_on=today,
        title=_("%(title)s (catch-up)") % {"title": run.title[:85]},
        ends_on=today + dt.timedelta(days=CATCH_UP_DAYS), is_sequential=run.is_sequential,
        electives_needed=run.electives_needed,
    )  # fmt: skip
    _items_as_in(made, run)
    for rule in rules or [EnrolmentRule(unit=run.organization, of_class=run, stays_fresh=False)]:
        _again(rule, made, user)
    return made


@transaction.atomic
def _again(rule: EnrolmentRule, run: TrainingClass, user: Any) -> None:
    """The rule once more, for the run that catches up; pressed twice it is one rule."""
    key = uuid.uuid5(run.key or uuid.NAMESPACE_URL, str(rule.pk) if rule.training_class_id else "")
    _rule, made = EnrolmentRule.objects.get_or_create(
        uuid=key,
        defaults={
            "training_class": run,
            "unit": rule.unit,
            "tags": rule.tags,
            "role": rule.role,
            "of_class": rule.of_class,
            "lacking": rule.of_class is None,
            "stays_fresh": rule.stays_fresh,
            "created_by": user,
        },
    )
    if made:
        log.record("enrolment_rule.create", actor=user, target=run, unit=rule.unit.code)
        after_commit(rule_wake, key)


@transaction.atomic
def _items_as_in(made: TrainingClass, run: TrainingClass) -> None:
    """The items that the run has now, not those of its plan: the same is to be caught up. Sessions
    get a time of their own.
    """
    TrainingClass.objects.select_for_update(no_key=True).get(pk=made.pk)
    if made.enrolments.exists() or made.rules.exists():
        return
    made.items.all().delete()
    for item in run.items.all():
        item.pk = None
        item._state.adding = True
        item.training_class = made
        item.starts_at = item.ends_at = None
        item.place = ""
        item.save(force_insert=True)
