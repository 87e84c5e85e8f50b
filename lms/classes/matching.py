"""Whom a rule meets, and what its preview says before anybody is enrolled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.classes.models import ClassPlan, Enrolment, EnrolmentRule
from lms.ledger.standings import exempt_people
from organizations import scope
from organizations.models import Membership, Organization, Post, Tag
from organizations.people.marks import ties_asked
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish

# Who belongs to a unit; guests from elsewhere are enrolled by their home branch.
KINDS = (Membership.Kind.HOME, Membership.Kind.LEARNER)
SAMPLE = 6


def ties_in(unit: Organization, wish: RosterWish | None = None) -> QuerySet[Membership]:
    """Ties of today to a unit and below, of people who have what is asked."""
    ties: Any = ties_asked(wish) if wish is not None else Membership.objects.all()
    found: QuerySet[Membership] = ties.current().filter(
        scope.subtree(unit.path, "organization"), kind__in=KINDS, user__is_active=True
    )
    return found


def ties_of(rule: EnrolmentRule) -> QuerySet[Membership]:
    """Ties of today of the people whom a rule meets. Who is exempt lacks nothing: they are met
    where everybody is, never in order to catch up.
    """
    if rule.of_class_id is not None:
        still = Enrolment.objects.open().filter(
            training_class=rule.of_class_id, completed_at__isnull=True
        )
        here: QuerySet[Membership] = Membership.objects.current().filter(
            ~exempt_people(), kind__in=KINDS, user__is_active=True, user__in=still.values("user")
        )
        return here
    ties = ties_in(rule.unit, rule.wish)
    if rule.lacking:
        done = learnt(rule.training_class.plan)
        ties = ties.filter(~exempt_people()).exclude(user__in=done.values("user"))
    return ties


def learnt(plan: ClassPlan) -> QuerySet[Enrolment]:
    """Completed enrolments of any run of a plan."""
    return Enrolment.objects.filter(training_class__plan=plan, completed_at__isnull=False)


def homes_of(ties: QuerySet[Membership]) -> dict[int, int]:
    """Person → branch, by the person's id; of several ties the home branch. One query."""
    # Backwards by their letters, so that "home" comes last and stays.
    rows = ties.order_by("user_id", "-kind").values_list("user_id", "organization_id")
    return dict(rows.iterator(chunk_size=5000))


@dataclass
class Preview:
    """Counts of people. `everybody`: the rule meets all who belong to the unit."""

    found: int
    new: int
    enrolled: int
    withdrawn: int
    everybody: bool
    sample: list[dict[str, str]] = field(default_factory=list)

    @property
    def nobody(self) -> bool:
        return self.found == 0


def rule_preview(rule: EnrolmentRule, *, viewer: Viewer) -> Preview:
    """What a pass of the rule would do now. A fixed number of queries; nothing is written."""
    ties = ties_of(rule)
    found = _people(ties)
    rows = Enrolment.objects.filter(
        training_class=rule.training_class, user__in=ties.order_by().values("user")
    )
    opened = rows.open().count()
    known = rows.aggregate(n=Count("user", distinct=True))["n"]
    # In the order of the roster: no name stands first for what it did.
    shown = ties.select_related("user", "organization").order_by("organization__path", "pk")
    return Preview(
        found=found,
        new=found - known,
        enrolled=opened,
        withdrawn=known - opened,
        everybody=found > 0 and found == _people(ties_in(rule.unit)),
        sample=[
            {"name": viewer.name(tie.user, tie.organization_id), "unit": tie.organization.name}
            for tie in shown[:SAMPLE]
        ],
    )


def _people(ties: QuerySet[Membership]) -> int:
    return int(ties.order_by().aggregate(n=Count("user", distinct=True))["n"])


def rule_text(rule: EnrolmentRule) -> str:
    """ "Chaoyang and below: full member, party secretary"."""
    if rule.of_class is not None:
        return _("who had not completed “%(title)s”") % {"title": rule.of_class.title}
    words = [str(Tag.Value(value).label) for value in rule.tags.values()]
    if rule.role:
        words.append(_("with a post") if rule.role == "any" else str(Post.Role(rule.role).label))
    if rule.lacking:
        words.append(_("who still lacks it"))
    asked = pgettext("between units", ", ").join(words) if words else _("everybody")
    return _("%(unit)s and below: %(who)s") % {"unit": rule.unit.name, "who": asked}


def people_kept(user: Any, ids: Iterable[int], *, roles: tuple[str, ...]) -> dict[int, int]:
    """Those among these people who belong to units that the user acts for: person → branch."""
    units = scope.managed_units(user, roles=roles)
    ties = Membership.objects.current().filter(
        scope.units_filter(units, field="organization"),
        kind__in=KINDS,
        user__in=list(ids),
        user__is_active=True,
    )
    return homes_of(ties)
