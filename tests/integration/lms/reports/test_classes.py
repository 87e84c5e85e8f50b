"""Classes in figures: one by its units, and those of a unit, by months."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.classes.criterion import RULE_UNKNOWN
from lms.classes.proofs import NOTHING
from lms.ledger.rules import SHANGHAI
from lms.reports import class_figures, class_views
from lms.reports.class_tallies import runs_count, runs_doubts
from lms.reports.models import ClassTally
from lms.reports.rebuilding import figures_doubts, figures_rebuild
from organizations.models import Membership
from organizations.units.tree import organization_move
from tests.factories import (
    EnrolmentFactory,
    MembershipFactory,
    TagFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.reports.test_pages import counted, page, sheet

pytestmark = pytest.mark.django_db


def test_a_class_in_figures_by_unit(units, people, officer, client):
    run = TrainingClassFactory(organization=units.county)
    for person, branch in zip(people, (units.branch,) * 2 + (units.other_branch,) * 2, strict=True):
        EnrolmentFactory(training_class=run, user=person, organization=branch)
    run.enrolments.filter(user=people[0]).update(
        completed_at=timezone.now(), completion_rule=RULE_UNKNOWN
    )
    response = client.get(reverse("reports:class", args=[run.pk]))
    total = response.context["total"]
    assert (total.enrolled, total.completed, total.missing, total.exempt) == (3, 1, 2, 1)
    figures = [row["figures"] for row in response.context["rows"]]
    assert [(one.enrolled, one.completed) for one in figures] == [(2, 1), (1, 0)]
    lacking = client.get(reverse("reports:class_missing", args=[run.pk])).context["people"]
    assert [one["pk"] for one in lacking] == [people[1].pk, people[2].pk]
    assert client.get(reverse("reports:classes")).context["page"].object_list == [run]
    made = sheet(client.get(reverse("reports:class", args=[run.pk]), {"export": "xlsx"}))
    assert [cell.value for cell in made[made.max_row]][3:9] == ["3", "1", "0", "33", "2", "1"]


YEAR = timezone.localdate().year - 1


def at(month, day=15, hour=12):
    return dt.datetime(YEAR, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def a_class(units, people):
    """Of last year: one learner completed in May, one in June, one joined in June and has not; one
    left, and one who is exempt completed.
    """
    run = TrainingClassFactory(
        organization=units.county, starts_on=dt.date(YEAR, 4, 1), ends_on=dt.date(YEAR, 8, 31)
    )
    left = UserFactory(home=units.branch)
    for person, branch, enrolled, completed in (
        (people[0], units.branch, at(4), at(5)),
        (people[1], units.branch, at(4), at(6, 30, 23)),
        (people[2], units.other_branch, at(6, 1, 0), None),
        (people[3], units.other_branch, at(4), at(5)),
        (left, units.branch, at(4), at(5)),
    ):
        EnrolmentFactory(
            training_class=run, user=person, organization=branch, enrolled_at=enrolled,
            completed_at=completed,
        )  # fmt: skip
    run.enrolments.filter(user=left).update(withdrawn_at=at(6))
    return run


# Enrolled, completed within, completed before, rate.
PERIODS = [
    (3, 4, (2, 0, 0, 0)),
    (4, 5, (2, 1, 0, 50)),
    (5, 5, (2, 1, 0, 50)),
    (6, 6, (3, 1, 1, 66)),
    (7, 8, (3, 0, 2, 66)),
    (1, 12, (3, 2, 0, 66)),
]


def period(first, last):
    return {"from": f"{YEAR}-{first:02}", "to": f"{YEAR}-{last:02}"}


@pytest.mark.parametrize(("first", "last", "due"), PERIODS)
def test_a_class_follows_the_months(officer, client, a_class, first, last, due):
    path = reverse("reports:class", args=[a_class.pk])
    total = client.get(path, period(first, last)).context["total"]
    found = (total.enrolled, total.completed, total.completed_before, total.completed_percent)
    assert found == due
    lacking = client.get(reverse("reports:class_missing", args=[a_class.pk]), period(first, last))
    assert len(lacking.context["people"]) == total.missing


@pytest.mark.parametrize(("first", "last", "due"), PERIODS)
def test_classes_in_the_figures_of_a_unit_say_the_same(
    units, officer, client, a_class, first, last, due
):
    runs_count(all_of_them=True)
    found = page(client, "overview", **period(first, last)).context
    total = found["total"]
    sums = (total.enrolled, total.completed, total.completed_before, total.completed_percent)
    assert sums == due
    of_rows = [sum(getattr(row.figures, name) for row in found["rows"]) for name in NAMES]
    assert of_rows == [getattr(total, name) for name in NAMES]
    branch = page(client, "overview", unit=units.other_branch.code, **period(first, last))
    assert branch.context["total"].enrolled == (1 if last >= 6 else 0)


NAMES = ("enrolled", "completed", "completed_before")


def test_a_class_of_other_months_is_not_in_the_figures(units, officer, client, a_class):
    runs_count(all_of_them=True)
    assert page(client, "overview", **period(9, 12)).context["total"].enrolled == 0
    assert page(client, "overview", **period(1, 3)).context["total"].enrolled == 0


def test_the_figures_of_classes_follow_what_happens(units, people, officer, client):
    run = TrainingClassFactory(organization=units.county)
    homeless = UserFactory()
    for person, branch in ((people[0], units.branch), (people[1], units.branch), (homeless, None)):
        EnrolmentFactory(training_class=run, user=person, organization=branch)
    above = UserFactory(officer=True, unit=units.city)

    def figures(user=officer):
        runs_count()
        client.force_login(user)
        total = page(client, "overview").context["total"]
        return total.enrolled, total.completed

    own = run.enrolments.filter(user=people[0])
    assert figures() == (2, 0)
    assert figures(above) == (3, 0)
    own.update(completed_at=timezone.now(), completion_rule=RULE_UNKNOWN)
    assert figures() == (2, 1)
    # One completes while another's falls: as many as before, elsewhere.
    own.update(**NOTHING)
    run.enrolments.filter(user=homeless).update(
        completed_at=timezone.now(), completion_rule=RULE_UNKNOWN
    )
    assert figures() == (2, 0)
    assert figures(above) == (3, 1)
    TagFactory(user=people[0], value="exempt")
    assert figures() == (1, 0)
    run.enrolments.filter(user=people[1]).update(withdrawn_at=timezone.now())
    assert figures() == (0, 0)
    run.enrolments.update(withdrawn_at=timezone.now())
    assert runs_count() == 1
    assert runs_count() == 0
    assert list(runs_doubts()) == []


def test_a_unit_that_moves_takes_its_classes_along(units, people, officer, client, now):
    run = TrainingClassFactory(organization=units.city)
    EnrolmentFactory(training_class=run, user=people[0], organization=units.branch)
    counted(now)
    runs_count()
    assert page(client, "overview").context["total"].enrolled == 1
    organization_move(actor=None, organization=units.township, parent=units.other_county)
    counted(now)
    runs_count()
    assert page(client, "overview").context["total"].enrolled == 0
    client.force_login(UserFactory(officer=True, unit=units.other_county))
    assert page(client, "overview").context["total"].enrolled == 1


def test_changes_that_make_up_for_each_other_are_counted(units, people, now):
    """Enrolments 10 and 20: one completes two months later, the other a month earlier."""
    run = TrainingClassFactory(organization=units.county)
    for pk, person in zip((10, 20), people, strict=False):
        EnrolmentFactory(
            pk=pk, training_class=run, user=person, organization=units.branch,
            enrolled_at=at(2), completed_at=at(5),
        )  # fmt: skip
    runs_count(all_of_them=True)
    run.enrolments.filter(pk=10).update(completed_at=at(7))
    run.enrolments.filter(pk=20).update(completed_at=at(4))
    assert runs_count(all_of_them=True) == 1


def test_people_without_a_branch_come_first_and_all_pages_together_are_everybody(
    units, people, now, client, monkeypatch
):
    run = TrainingClassFactory(organization=units.city)
    places = (units.branch, None, units.other_branch)
    for person, place in zip(people, places, strict=False):
        EnrolmentFactory(training_class=run, user=person, organization=place)
    for module in (class_figures, class_views):
        monkeypatch.setattr(module, "PER_PAGE", 1)
    client.force_login(UserFactory(officer=True, unit=units.city))
    url, found = reverse("reports:class_missing", args=[run.pk]), []
    while url:
        context = client.get(url).context
        found += [one["pk"] for one in context["people"]]
        assert len(found) <= 3
        url = (
            context["next_url"]
            and f"{reverse('reports:class_missing', args=[run.pk])}{context['next_url']}"
        )
    assert found == [people[1].pk, people[0].pk, people[2].pk]


def test_who_has_left_for_another_county_stands_in_the_list_without_name_and_phone(
    units, people, officer, client
):
    run = TrainingClassFactory(organization=units.county)
    EnrolmentFactory(training_class=run, user=people[1], organization=units.branch)
    Membership.objects.filter(user=people[1]).update(valid_to=timezone.localdate())
    MembershipFactory(user=people[1], organization=units.foreign_branch)
    url = reverse("reports:class_missing", args=[run.pk])
    client.post(reverse("people:reveal"), {"show": "on", "next": url})
    response = client.get(url)
    (shown,) = response.context["people"]
    assert (shown["pk"], shown["phone"]) == (None, "")
    assert "赵未学" not in response.content.decode()


def test_an_altered_sum_of_a_class_is_named_and_mended(units, a_class, now):
    counted(now)
    runs_count(all_of_them=True)
    assert [one.text() for one in figures_doubts()] == []
    row = ClassTally.objects.filter(unit=units.township).first()
    ClassTally.objects.filter(pk=row.pk).update(people=9)
    ClassTally.objects.filter(unit=units.city).delete()
    found = [one.text() for one in figures_doubts()]
    assert f"reports.ClassTally (unit {units.township.pk}, run {a_class.pk}," in found[0]
    assert {f"unit {units.city.pk}," in one for one in found[1:]} == {True}
    figures_rebuild()
    assert figures_doubts() == []
    row.refresh_from_db()
    assert row.people != 9


def test_what_waits_to_be_counted_is_no_doubt(units, people, a_class, now):
    counted(now)
    runs_count(all_of_them=True)
    a_class.enrolments.filter(user=people[0]).update(**NOTHING)
    assert figures_doubts() == []
