"""Classes in Wagtail's admin: made by who may, seen by who may, with lectures and learners."""

import datetime as dt

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from audit.models import AuditEntry
from cms.access import access_sync
from lms.classes.models import ClassItem, Enrolment, TrainingClass
from tests.factories import (
    EnrolmentFactory,
    LecturePageFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
INDEX = "/admin/training-classes/"


def keeper(unit, role="curator"):
    user = UserFactory(**{role: True}, unit=unit)
    access_sync(user)
    return user


def form(unit, lectures, **changes):
    items = [{"lecture": lecture.pk, "kind": "required"} for lecture in lectures]
    for number, item in enumerate(items):
        item["ORDER"] = str(number + 1)
    return nested_form_data(
        {
            "title": "新任支部书记培训班",
            "organization": unit.pk,
            "starts_on": "2026-05-01",
            "ends_on": "2026-06-30",
            "description": "",
            "electives_needed": "0",
            "enrol": "",
            "items": inline_formset(items),
            **changes,
        }
    )


def test_a_curator_makes_a_class_with_lectures_in_order(client, units):
    lectures = LecturePageFactory.create_batch(3, organization=units.city)
    client.force_login(keeper(units.county))
    response = client.post(f"{INDEX}new/", form(units.township, reversed(lectures)))

    assert response.status_code == 302, response.context["form"].errors
    made = TrainingClass.objects.get()
    assert made.organization == units.township
    assert [item.lecture_id for item in made.items.all()] == [one.pk for one in lectures[::-1]]
    assert AuditEntry.objects.filter(action="training_class.create").count() == 1


def test_the_form_offers_only_the_own_units(client, units):
    client.force_login(keeper(units.county))
    offered = client.get(f"{INDEX}new/").context["form"].fields["organization"].queryset

    assert set(offered) == {units.county, units.township, units.sibling}


def test_a_class_cannot_be_made_for_a_foreign_unit(client, units):
    client.force_login(keeper(units.county))
    response = client.post(f"{INDEX}new/", form(units.other_county, []))

    assert response.status_code == 200
    assert "organization" in response.context["form"].errors
    assert not TrainingClass.objects.exists()


def test_saving_enrols_the_unit_that_was_chosen(client, units):
    members = UserFactory.create_batch(2, home=units.branch)
    client.force_login(keeper(units.county))
    client.post(f"{INDEX}new/", form(units.county, [], enrol=units.township.pk))

    assert {one.user for one in Enrolment.objects.all()} == set(members)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2026-04-30"}, "ends_on"),
        ({"title": ""}, "title"),
        ({"electives_needed": "-1"}, "electives_needed"),
        ({"enrol": "999999"}, "enrol"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(client, units, changes, field):
    client.force_login(keeper(units.county))
    response = client.post(f"{INDEX}new/", form(units.county, [], **changes))

    assert field in response.context["form"].errors
    assert not TrainingClass.objects.exists()


def test_an_unpublished_lecture_cannot_be_put_into_a_class(client, units):
    client.force_login(keeper(units.county))
    draft = LecturePageFactory(draft=True, organization=units.county)
    response = client.post(f"{INDEX}new/", form(units.county, [draft]))

    assert response.status_code == 200
    assert not ClassItem.objects.exists()


def test_the_same_lecture_twice_is_refused(client, units):
    client.force_login(keeper(units.county))
    lecture = LecturePageFactory(organization=units.county)
    response = client.post(f"{INDEX}new/", form(units.county, [lecture, lecture]))

    assert response.status_code == 200
    assert not TrainingClass.objects.exists()


def test_the_list_holds_the_classes_of_the_own_units(client, units):
    inside = TrainingClassFactory(organization=units.township)
    TrainingClassFactory(organization=units.other_county)
    TrainingClassFactory(organization=units.city)
    client.force_login(keeper(units.county))

    assert list(client.get(INDEX).context["object_list"]) == [inside]
    assert list(client.get(INDEX, {"q": "zzz"}).context["object_list"]) == []


def test_a_class_is_changed_within_the_own_units(client, units, training_class, lectures):
    client.force_login(keeper(units.county))
    address = f"{INDEX}edit/{training_class.pk}/"
    assert client.get(address).status_code == 200
    response = client.post(address, form(units.county, [], title="改名"))

    assert response.status_code == 302
    training_class.refresh_from_db()
    assert training_class.title == "改名"
    assert AuditEntry.objects.filter(action="training_class.change").count() == 1


@pytest.mark.parametrize("unit", ["township", "other_county"])
@pytest.mark.parametrize("act", ["edit", "delete"])
def test_a_class_of_another_unit_does_not_exist(client, units, training_class, unit, act):
    client.force_login(keeper(getattr(units, unit)))
    address = f"{INDEX}{act}/{training_class.pk}/"

    assert client.get(address).status_code == 404
    assert client.post(address, {}).status_code == 404
    assert TrainingClass.objects.filter(pk=training_class.pk).exists()


def test_secretaries_and_members_stay_outside(client, units, training_class):
    for user in (UserFactory(secretary=True, unit=units.branch), UserFactory(home=units.branch)):
        client.force_login(user)
        for address in (INDEX, f"{INDEX}new/", f"{INDEX}edit/{training_class.pk}/"):
            assert client.get(address).status_code in (302, 403, 404)


def test_a_class_with_learners_is_not_deleted(client, units, training_class):
    EnrolmentFactory(training_class=training_class)
    client.force_login(keeper(units.county))
    response = client.post(f"{INDEX}delete/{training_class.pk}/")

    assert response.status_code in (302, 403)
    assert TrainingClass.objects.filter(pk=training_class.pk).exists()


def test_a_class_without_learners_is_deleted_and_logged(client, units, training_class):
    client.force_login(keeper(units.county))
    assert client.post(f"{INDEX}delete/{training_class.pk}/").status_code == 302

    assert not TrainingClass.objects.exists()
    assert AuditEntry.objects.filter(action="training_class.delete").count() == 1


def test_history_usage_and_copies_are_not_offered(client, units, training_class):
    client.force_login(keeper(units.county))
    for act in ("history", "usage", "copy"):
        assert client.get(f"{INDEX}{act}/{training_class.pk}/").status_code == 404


def test_the_menu_shows_classes_to_who_holds_them(client, units):
    client.force_login(keeper(units.county))

    assert INDEX in client.get("/admin/").content.decode()


def test_the_chooser_offers_every_published_lecture(client, units):
    shown = LecturePageFactory(organization=units.city, title="土豆栽培")
    LecturePageFactory(organization=units.county, draft=True, title="草稿")
    client.force_login(keeper(units.township, "reviewer"))
    page = client.get("/admin/published-lectures/").json()["html"]
    found = client.get("/admin/published-lectures/results/", {"q": "土豆"}).content.decode()

    assert "土豆栽培" in page
    assert "草稿" not in page
    assert "土豆栽培" in found
    assert client.get(f"/admin/published-lectures/chosen/{shown.pk}/").status_code == 200
    assert client.get("/admin/published-lectures/create/").status_code == 404


def test_the_chooser_does_not_name_drafts(client, units):
    draft = LecturePageFactory(draft=True, organization=units.other_county, title="草稿")
    client.force_login(keeper(units.township, "reviewer"))
    response = client.get(f"/admin/published-lectures/chosen/{draft.pk}/")

    assert response.status_code == 404
    assert "草稿" not in response.content.decode()


def test_dates_of_a_class_bound_its_state():
    one = TrainingClass(starts_on=dt.date(2026, 5, 2), ends_on=dt.date(2026, 5, 4))

    days = [dt.date(2026, 5, day) for day in (1, 2, 4, 5)]
    assert [one.state_on(day) for day in days] == ["upcoming", "open", "open", "ended"]
