"""A run for those who still lack it, in one act (兜底)."""

import datetime as dt

import pytest
from django.utils import timezone

from lms.classes.criterion import RULE_UNKNOWN
from lms.classes.enrolling import rule_work, rules_due
from lms.classes.models import Enrolment
from lms.classes.planning import ClassError
from lms.classes.proofs import NOTHING
from lms.classes.ruling import catch_up
from tests.factories import TagFactory
from tests.integration.lms.classes.conftest import ids, learners

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_who_lacks_the_run_comes_into_a_catch_up_run_by_one_act(
    rule, rural, training_class, lectures, keeper
):
    rule_work(key=rule.pk)
    Enrolment.objects.filter(user=rural[0]).update(completed_at=NOW, completion_rule=RULE_UNKNOWN)
    today = timezone.localdate()
    made = [catch_up(run=training_class, user=keeper, by_rule=False, today=today) for _ in range(2)]
    assert made[0] == made[1]
    listed = made[0].rules.get()
    rule_work(key=listed.pk)

    assert (made[0].tier, made[0].number) == ("catch_up", 2)
    assert learners(made[0]) == ids(rural[1:])
    assert [item.lecture for item in made[0].items.all()] == [
        item.lecture for item in training_class.items.all()
    ]
    # The list is frozen: who fails later is not in it.
    Enrolment.objects.filter(training_class=training_class).update(**NOTHING)
    assert listed.pk not in rules_due(now=timezone.now() + dt.timedelta(days=2))


def test_a_catch_up_run_by_rule_takes_who_lacks_every_run(rule, rural, training_class, keeper):
    rule_work(key=rule.pk)
    Enrolment.objects.filter(user=rural[0]).update(completed_at=NOW, completion_rule=RULE_UNKNOWN)
    made = catch_up(run=training_class, user=keeper, by_rule=True, today=timezone.localdate())
    rule_work(key=made.rules.get().pk)

    assert learners(made) == ids(rural[1:])


@pytest.mark.parametrize("by_rule", [True, False])
def test_who_is_exempt_lacks_nothing(rule, rural, training_class, keeper, client, by_rule):
    rule_work(key=rule.pk)
    TagFactory(user=rural[0], value="exempt")
    client.force_login(keeper)
    context = client.get(f"/classes/{training_class.pk}/desk/").context
    assert context["lacking"] == context["counts"]["enrolled"] == len(rural) - 1
    assert context["counts"]["outside"] == 1

    def shown(which):
        page = client.get(f"/classes/{training_class.pk}/people/", {"show": which})
        return {row["one"].user for row in page.context["rows"]}

    assert shown("open") == set(rural[1:])
    assert shown("exempt") == {rural[0]}
    assert shown("all") == set(rural)
    made = catch_up(run=training_class, user=keeper, by_rule=by_rule, today=timezone.localdate())
    rule_work(key=made.rules.get().pk)
    assert learners(made) == ids(rural[1:])


def test_where_only_the_exempt_lack_it_there_is_nothing_to_catch_up(
    rule, rural, training_class, keeper
):
    rule_work(key=rule.pk)
    for one in rural:
        TagFactory(user=one, value="exempt")
    with pytest.raises(ClassError):
        catch_up(run=training_class, user=keeper, by_rule=False, today=timezone.localdate())


def test_nothing_to_catch_up_is_said(training_class, keeper):
    with pytest.raises(ClassError):
        catch_up(run=training_class, user=keeper, by_rule=False, today=timezone.localdate())
    with pytest.raises(ClassError):
        catch_up(run=training_class, user=keeper, by_rule=True, today=timezone.localdate())
