"""Enrolment by rule: previewed, in the background, kept fresh, never silently undone."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit import log
from audit.models import AuditEntry
from lms.classes import enrolling
from lms.classes.enrolling import rule_work, rules_due
from lms.classes.enrolments import enrolment_create, enrolment_withdraw, enrolments_sweep
from lms.classes.matching import rule_preview
from lms.classes.models import Enrolment, EnrolmentRule
from lms.classes.planning import ClassError
from lms.classes.ruling import catch_up, rule_again, rule_create, rule_end
from organizations.models import Tag
from organizations.people.memberships import membership_transfer
from organizations.people.viewer import Viewer
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    EnrolmentRuleFactory,
    MembershipFactory,
    PostFactory,
    TagFactory,
    UserFactory,
)
from tests.integration.lms.classes.conftest import ids, learners

pytestmark = pytest.mark.django_db
State = EnrolmentRule.State
NOW = timezone.now()


def preview(rule, user):
    return rule_preview(rule, viewer=Viewer(user=user, is_open=False))


def test_a_preview_counts_and_names_and_writes_nothing(rule, rural, keeper, training_class):
    enrolment_create(training_class=training_class, user=rural[0])
    gone = enrolment_create(training_class=training_class, user=rural[1])
    enrolment_withdraw(enrolment=gone)
    found = preview(rule, keeper)

    assert (found.found, found.new, found.enrolled, found.withdrawn) == (3, 1, 1, 1)
    assert not found.everybody
    assert len(found.sample) == 3
    assert all("*" in one["name"] for one in found.sample)
    assert learners(training_class) == {rural[0].pk}


def test_a_pass_enrols_who_fits_with_origin_and_branch(rule, rural, units, training_class):
    assert rule_work(key=rule.pk)
    assert not rule_work(key=rule.pk)

    rows = Enrolment.objects.filter(training_class=training_class)
    assert {one.user_id for one in rows} == ids(rural)
    assert {(one.origin, one.rule_id, one.organization_id) for one in rows} == {
        ("rule", rule.pk, units.branch.pk)
    }
    rule.refresh_from_db()
    assert (rule.state, rule.found, rule.enrolled) == (State.DONE, 3, 3)
    assert AuditEntry.objects.filter(action="enrolment.rule").count() == 1


def test_a_late_assignment_credits_what_was_watched_before(rule, rural, lectures, training_class):
    for lecture in lectures:
        CompletionFactory(user=rural[0], lecture=lecture, completed_at=NOW - dt.timedelta(days=9))
    rule_work(key=rule.pk, now=NOW)

    done = Enrolment.objects.filter(completed_at__isnull=False)
    assert [one.user_id for one in done] == [rural[0].pk]
    assert done.get().completed_at >= NOW


def test_a_rule_that_meets_nobody_says_so_and_enrols_nobody(training_class, units, keeper):
    rule = EnrolmentRuleFactory.build(
        training_class=training_class, unit=units.county, tags={"field": "school"}
    )
    assert preview(rule, keeper).nobody
    with pytest.raises(ClassError, match="没有人符合这条规则"):
        rule_create(rule=rule, user=keeper)
    assert not EnrolmentRule.objects.exists()


def test_a_rule_that_meets_everybody_has_to_be_meant(training_class, units, keeper, rural):
    rule = EnrolmentRuleFactory.build(training_class=training_class, unit=units.county)
    assert preview(rule, keeper).everybody
    with pytest.raises(ClassError, match="所有人"):
        rule_create(rule=rule, user=keeper)
    assert not EnrolmentRule.objects.exists()
    rule_create(rule=rule, user=keeper, means_everybody=True)
    rule_create(rule=rule, user=keeper, means_everybody=True)
    assert EnrolmentRule.objects.count() == 1


def test_a_pass_that_was_killed_goes_on_where_it_stopped(rule, rural, training_class, monkeypatch):
    monkeypatch.setattr(enrolling, "CHUNK", 1)
    enrol, calls = enrolling.people_enrol, []

    class Killed(BaseException):
        pass

    def killed(**facts):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return enrol(**facts)

    monkeypatch.setattr(enrolling, "people_enrol", killed)
    with pytest.raises(Killed):
        rule_work(key=rule.pk)
    assert len(learners(training_class)) == 1
    # The lease of the dead worker keeps others away until it has run out.
    assert not rule_work(key=rule.pk)
    assert rule_work(key=rule.pk, now=timezone.now() + dt.timedelta(minutes=5))
    assert learners(training_class) == ids(rural)
    rule.refresh_from_db()
    assert (rule.state, rule.looked_at, rule.enrolled) == (State.DONE, 3, 3)


def test_of_a_rule_that_was_ended_meanwhile_nobody_more_is_enrolled(
    rule, rural, training_class, monkeypatch, keeper
):
    monkeypatch.setattr(enrolling, "CHUNK", 1)
    enrol = enrolling.people_enrol

    def ending(**facts):
        count = enrol(**facts)
        if not EnrolmentRule.objects.filter(pk=rule.pk, state=State.ENDED).exists():
            rule_end(rule=rule, user=keeper)
        return count

    monkeypatch.setattr(enrolling, "people_enrol", ending)
    rule_work(key=rule.pk)
    rule.refresh_from_db()
    assert rule.state != State.DONE
    assert len(learners(training_class)) <= 1


def test_who_no_longer_fits_is_marked_and_stays(rule, rural, training_class):
    rule_work(key=rule.pk)
    Tag.objects.filter(user=rural[0]).update(valid_to=timezone.localdate())
    EnrolmentRule.objects.update(state=State.WAITING)
    rule_work(key=rule.pk)

    marked = Enrolment.objects.open().exclude(unfit_since=None)
    assert [one.user_id for one in marked] == [rural[0].pk]
    Tag.objects.filter(user=rural[0]).update(valid_to=None)
    EnrolmentRule.objects.update(state=State.WAITING)
    rule_work(key=rule.pk)
    assert not Enrolment.objects.exclude(unfit_since=None).exists()


def test_a_member_who_moves_branch_in_mid_run_learns_on_and_is_marked(
    rule, rural, units, training_class, lectures, client, keeper
):
    rule_work(key=rule.pk)
    mover = rural[0]
    above = UserFactory(officer=True, unit=units.city)
    membership_transfer(actor=above, person=mover, to=units.foreign_branch)
    assert rule.pk in rules_due(now=timezone.now() + dt.timedelta(minutes=1))
    rule_work(key=rule.pk)
    for lecture in lectures:
        CompletionFactory(user=mover, lecture=lecture)
    enrolments_sweep()
    found = Enrolment.objects.get(user=mover)
    assert found.organization == units.branch
    assert found.unfit_since is not None
    assert found.completed_at is not None
    assert found.withdrawn_at is None
    client.force_login(keeper)
    assert (
        "不再符合编入时的规则" in client.get(f"/classes/{training_class.pk}/desk/").content.decode()
    )


def test_the_roster_wakes_rules_and_so_does_the_night(rule, rural, training_class, units):
    rule_work(key=rule.pk)
    later = timezone.now() + dt.timedelta(hours=1)
    assert rules_due(now=later) == []
    assert rules_due(now=later + dt.timedelta(hours=23)) == [rule.pk]
    rule_work(key=rule.pk)
    newcomer = UserFactory(home=units.other_branch)
    TagFactory(user=newcomer, value="rural")
    log.record("person.import", target=newcomer)
    assert rules_due() == [rule.pk]
    rule_work(key=rule.pk)
    assert newcomer.pk in learners(training_class)


def test_rules_of_runs_that_are_over_rest(rule, rural, training_class):
    rule_work(key=rule.pk)
    training_class.ends_on = timezone.localdate() - dt.timedelta(days=1)
    training_class.save()

    assert rules_due(now=timezone.now() + dt.timedelta(days=3)) == []


def test_somebody_withdrawn_is_not_brought_back_by_a_rule(rule, rural, training_class):
    rule_work(key=rule.pk)
    enrolment_withdraw(enrolment=Enrolment.objects.get(user=rural[0]))
    EnrolmentRule.objects.update(state=State.WAITING)
    rule_work(key=rule.pk)

    assert learners(training_class) == ids(rural[1:])


def test_a_person_with_two_ties_is_enrolled_once_from_home(rule, rural, units, training_class):
    MembershipFactory(user=rural[0], organization=units.other_branch, kind="learner")
    rule_work(key=rule.pk)

    assert Enrolment.objects.get(user=rural[0]).organization == units.branch


def test_a_rule_for_everybody_meets_the_exempt_too(rule, rural):
    TagFactory(user=rural[0], value="exempt")
    rule_work(key=rule.pk)
    assert Enrolment.objects.filter(user=rural[0]).exists()


def test_three_failed_attempts_stop_a_rule_until_a_person_looks(rule, rural, keeper):
    EnrolmentRule.objects.update(attempts=3)
    assert not rule_work(key=rule.pk)
    rule.refresh_from_db()
    assert rule.state == State.FAILED
    assert rule_again(rule=rule, user=keeper)
    assert rule_work(key=rule.pk)


def test_the_page_previews_then_enrols(client, units, training_class, rural, keeper):
    client.force_login(keeper)
    page = f"/classes/{training_class.pk}/rule/"
    said = {
        "key": "7b0f8f6a-91a5-4b5f-9d2e-111111111111", "unit": units.county.code,
        "field": "rural", "stays_fresh": "on", "act": "preview",
    }  # fmt: skip
    response = client.post(page, said)
    assert response.context["preview"].found == 3
    assert not EnrolmentRule.objects.exists()
    for _ in range(2):
        assert client.post(page, said | {"act": "confirm"}).status_code == 302
    assert EnrolmentRule.objects.count() == 1
    nobody = client.post(page, said | {"field": "school"}).content.decode()
    assert "没有人符合这条规则" in nobody


def test_a_rule_for_a_foreign_unit_is_refused(client, units, training_class, keeper):
    client.force_login(keeper)
    said = {
        "key": "7b0f8f6a-91a5-4b5f-9d2e-111111111112", "unit": units.foreign_branch.code,
        "act": "confirm", "everybody": "on",
    }  # fmt: skip
    assert client.post(f"/classes/{training_class.pk}/rule/", said).status_code == 422
    assert not EnrolmentRule.objects.exists()


def test_an_enrolment_by_hand_is_not_marked_by_a_rule(rule, rural, training_class):
    other = EnrolmentFactory(training_class=training_class)
    rule_work(key=rule.pk)
    other.refresh_from_db()
    assert other.unfit_since is None


def test_a_rule_over_a_wider_unit_is_not_copied_by_who_does_not_hold_it(
    rule, rural, training_class, units
):
    training_class.organization = units.township
    training_class.save()
    clerk = UserFactory(officer=True, unit=units.township)
    with pytest.raises(PermissionDenied):
        catch_up(run=training_class, user=clerk, by_rule=True, today=timezone.localdate())


@pytest.fixture
def holders(units):
    """A secretary and an operator below the county, among people who hold nothing there."""
    found = [
        UserFactory(secretary=True, unit=units.branch, home=units.branch),
        UserFactory(operator=True, unit=units.branch, home=units.other_branch),
    ]
    UserFactory(secretary=True, unit=units.foreign_branch, home=units.foreign_branch)
    former = UserFactory(home=units.branch)
    PostFactory(user=former, organization=units.branch, valid_to=timezone.localdate())
    return found


@pytest.mark.parametrize(("role", "n"), [("secretary", 1), ("any", 2)])
def test_a_rule_for_a_post_meets_its_holders_below_the_unit(
    training_class, units, keeper, holders, role, n
):
    rule = EnrolmentRuleFactory(training_class=training_class, unit=units.county, role=role)
    found = preview(rule, keeper)
    assert (found.found, found.new, found.everybody) == (n, n, False)
    rule_work(key=rule.pk)
    assert learners(training_class) == ids(holders[:n])
    # Who lacks the run is caught up by the same post.
    made = catch_up(run=training_class, user=keeper, by_rule=True, today=timezone.localdate())
    rule_work(key=made.rules.get().pk)
    assert learners(made) == ids(holders[:n])


def test_the_page_keeps_the_post(client, units, training_class, keeper, holders):
    client.force_login(keeper)
    page = f"/classes/{training_class.pk}/rule/"
    said = {
        "key": "7b0f8f6a-91a5-4b5f-9d2e-111111111113", "unit": units.county.code,
        "role": "secretary", "act": "preview",
    }  # fmt: skip
    shown = client.post(page, said)
    assert shown.context["preview"].found == 1
    assert '<option value="secretary" selected>' in shown.content.decode()
    client.post(page, said | {"act": "confirm"})
    rule_work(key=EnrolmentRule.objects.get().pk)
    assert learners(training_class) == ids(holders[:1])
