"""Menus: seen by audience, ordered for a date, changed, played in order."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from audit.models import AuditEntry
from cms.programme.activities import activity_change
from cms.programme.models import LectureActivity, Menu, Programme
from cms.programme.ordering import (
    OrderError,
    lecture_add,
    lecture_remove,
    lecture_shift,
    menu_order,
    programme_move_day,
)
from tests.factories import (
    ActivityFactory,
    AudienceFactory,
    LecturePageFactory,
    MenuFactory,
    ProgrammeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def titles(programme: Programme) -> list[str]:
    rows = programme.items.order_by("position", "pk")
    return list(rows.values_list("lecture__title", flat=True))


def order(menu, unit, user, day: dt.date, today: dt.date) -> Programme:
    return menu_order(menu=menu, organization=unit, on=day, user=user, today=today)


def test_an_ordered_menu_becomes_the_branchs_programme_on_that_date(
    client: Client, units, secretary, menu, today
) -> None:
    client.force_login(secretary)
    day = today + dt.timedelta(days=3)
    response = client.post(f"/menus/{menu.pk}/", {"on": day.isoformat()}, follow=True)
    programme = Programme.objects.get()
    assert (programme.organization, programme.on) == (units.branch, day)
    assert titles(programme) == ["一讲", "二讲", "三讲"]
    assert response.redirect_chain == [(f"/programmes/{programme.pk}/", 302)]
    assert AuditEntry.objects.filter(action="programme.order", actor_id=secretary.pk).count() == 1


def test_a_menu_ordered_for_yesterday_is_answered_by_a_sentence(
    client: Client, secretary, menu, today
) -> None:
    client.force_login(secretary)
    yesterday = today - dt.timedelta(days=1)
    response = client.post(f"/menus/{menu.pk}/", {"on": yesterday.isoformat()})
    assert response.status_code == 422
    assert "已经过去" in response.content.decode()
    assert not Programme.objects.exists()


def test_a_second_tap_orders_nothing_a_second_time(units, secretary, menu, today) -> None:
    first = order(menu, units.branch, secretary, today, today)
    assert order(menu, units.branch, secretary, today, today) == first
    assert AuditEntry.objects.filter(action="programme.order").count() == 1


def test_a_year_typed_wrong_is_noticed(units, secretary, menu, today) -> None:
    with pytest.raises(OrderError):
        order(menu, units.branch, secretary, today + dt.timedelta(days=400), today)


def test_nobody_orders_for_another_branch(units, secretary, menu, today) -> None:
    with pytest.raises(PermissionDenied):
        order(menu, units.line_branch, secretary, today, today)


def test_a_member_sees_the_menu_and_orders_nothing(client: Client, units, menu, today) -> None:
    client.force_login(UserFactory(home=units.branch))
    page = client.get(f"/menus/{menu.pk}/")
    assert "二讲" in page.content.decode()
    assert page.context["form"] is None
    assert client.post(f"/menus/{menu.pk}/", {"on": today.isoformat()}).status_code == 403


def test_a_later_change_of_the_menu_leaves_what_was_ordered(units, secretary, menu, today) -> None:
    programme = order(menu, units.branch, secretary, today, today)
    menu.items.all().delete()
    menu.delete()
    programme.refresh_from_db()
    assert titles(programme) == ["一讲", "二讲", "三讲"]


def test_a_menu_takes_no_more_lectures_than_a_programme(client: Client, units) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    lectures = [LecturePageFactory(organization=units.branch) for _number in range(31)]

    def save(chosen) -> str:
        data = {
            "title": "三十讲", "organization": str(units.county.pk), "introduction": "",
            "audience": str(AudienceFactory().pk), "is_offered": "on",
            "items-TOTAL_FORMS": str(len(chosen)), "items-INITIAL_FORMS": "0",
            "items-MIN_NUM_FORMS": "0", "items-MAX_NUM_FORMS": "1000",
        }  # fmt: skip
        for number, lecture in enumerate(chosen):
            data |= {f"items-{number}-lecture": lecture.pk, f"items-{number}-ORDER": number + 1}
        return client.post("/admin/menus/new/", data, follow=True).content.decode()

    assert "一份菜单最多30节课" in save(lectures)
    assert not Menu.objects.exists()
    save(lectures[:30])
    assert Menu.objects.get().items.count() == 30


def test_of_a_longer_menu_the_branch_is_told_what_was_left_out(
    client: Client, units, secretary, today
) -> None:
    menu = MenuFactory(organization=units.county, titles=[f"第{n}讲" for n in range(32)])
    client.force_login(secretary)
    data = {"organization": units.branch.pk, "on": today.isoformat()}
    page = client.post(f"/menus/{menu.pk}/", data, follow=True).content.decode()
    assert "后面有2节没有排入" in page
    programme = Programme.objects.get()
    assert programme.items.count() == 30
    # Exchanged for one of them; ordering again gives the programme that is there.
    last = menu.items.get(lecture__title="第31讲").lecture
    assert programme.items.filter(lecture__title="第0讲").update(lecture=last)
    page = client.post(f"/menus/{menu.pk}/", data, follow=True).content.decode()
    assert "后面有1节没有排入" in page


def test_withdrawn_lectures_are_left_out_of_an_order(units, secretary, menu, today) -> None:
    menu.items.get(lecture__title="二讲").lecture.unpublish()
    programme = order(menu, units.branch, secretary, today, today)
    assert titles(programme) == ["一讲", "三讲"]


def test_a_menu_of_withdrawn_lectures_only_cannot_be_ordered(units, secretary, today) -> None:
    with pytest.raises(OrderError):
        order(MenuFactory(organization=units.county), units.branch, secretary, today, today)


def test_the_programme_can_be_changed(units, secretary, menu, today) -> None:
    programme = order(menu, units.branch, secretary, today, today)
    second = programme.items.get(lecture__title="二讲").pk
    lecture_shift(programme=programme, item=second, place=1, by=-1, user=secretary)
    assert titles(programme) == ["二讲", "一讲", "三讲"]
    lecture_remove(
        programme=programme, item=programme.items.get(lecture__title="一讲").pk, user=secretary
    )
    lecture_add(programme=programme, lecture=LecturePageFactory(title="四讲"), user=secretary)
    assert titles(programme) == ["二讲", "三讲", "四讲"]


def test_a_second_tap_moves_a_lecture_no_further(units, secretary, menu, today) -> None:
    programme = order(menu, units.branch, secretary, today, today)
    third = programme.items.get(lecture__title="三讲").pk
    for _tap in range(2):
        lecture_shift(programme=programme, item=third, place=2, by=-1, user=secretary)
    assert titles(programme) == ["一讲", "三讲", "二讲"]


def test_the_last_lecture_stays(units, secretary, today) -> None:
    menu = MenuFactory(organization=units.county, titles=["只有一讲"])
    programme = order(menu, units.branch, secretary, today, today)
    with pytest.raises(OrderError):
        lecture_remove(programme=programme, item=programme.items.get().pk, user=secretary)


def test_two_menus_of_a_kind_do_not_meet_on_one_day(units, secretary, menu, today) -> None:
    order(menu, units.branch, secretary, today, today)
    later = order(menu, units.branch, secretary, today + dt.timedelta(days=1), today)
    with pytest.raises(OrderError):
        programme_move_day(programme=later, on=today, user=secretary, today=today)
    later.refresh_from_db()
    assert later.on == today + dt.timedelta(days=1)


def test_every_change_of_the_page_reaches_the_programme(
    client: Client, units, secretary, menu, today
) -> None:
    programme = order(menu, units.branch, secretary, today, today)
    added = LecturePageFactory(title="土豆栽培")
    client.force_login(secretary)
    page = f"/programmes/{programme.pk}/"
    assert "土豆栽培" in client.get(page, {"q": "土豆"}).content.decode()
    first = programme.items.get(lecture__title="一讲").pk
    day = today + dt.timedelta(days=7)
    for act in (
        {"act": "later", "item": first, "place": 0},
        {"act": "add", "lecture": added.pk},
        {"act": "remove", "item": first},
        {"act": "day", "on": day.isoformat()},
    ):
        assert client.post(page, act).status_code == 302
    programme.refresh_from_db()
    assert titles(programme) == ["二讲", "三讲", "土豆栽培"]
    assert programme.on == day
    client.post(page, {"act": "cancel"})
    assert not Programme.objects.exists()


def test_members_of_the_branch_see_it_and_change_nothing(client: Client, units, today) -> None:
    programme = ProgrammeFactory(organization=units.branch, titles=["一讲", "二讲"])
    client.force_login(UserFactory(home=units.branch))
    page = f"/programmes/{programme.pk}/"
    assert "一讲" in client.get(page).content.decode()
    assert client.post(page, {"act": "cancel"}).status_code == 403
    assert client.get("/programmes/").context["coming"][0] == programme


def test_programmes_to_come_and_past_ones_have_pages_of_their_own(
    monkeypatch, client: Client, units, today
) -> None:
    monkeypatch.setattr("cms.programme.programme_views.PER_PAGE", 1)
    days = [today + dt.timedelta(days=n) for n in (-2, -1, 0, 1)]
    older, newer, first, last = (
        ProgrammeFactory(organization=units.branch, on=day, titles=["一讲"]) for day in days
    )
    client.force_login(UserFactory(home=units.branch))

    def shown(**asked: str):
        page = client.get("/programmes/", asked)
        return list(page.context["coming"]), list(page.context["past"]), page.content.decode()

    assert shown()[:2] == ([first], [newer])
    coming, past, page = shown(next="2")
    assert (coming, past) == ([last], [newer])
    assert 'href="?next=2&amp;p=2#past-title"' in page
    assert shown(next="2", p="2")[:2] == ([last], [older])


def test_a_member_finds_the_programmes_of_the_branch(client: Client, units) -> None:
    client.force_login(UserFactory(home=units.branch))
    for page in ("/me/", "/menus/"):
        assert 'href="/programmes/"' in client.get(page).content.decode()


def test_nobody_elsewhere_sees_it(client: Client, units) -> None:
    programme = ProgrammeFactory(organization=units.branch, titles=["一讲"])
    client.force_login(UserFactory(secretary=True, unit=units.line_branch))
    for address in (f"/programmes/{programme.pk}/", f"/programmes/{programme.pk}/play/"):
        assert client.get(address).status_code == 404


def test_it_plays_in_order_and_without_what_was_withdrawn(client: Client, units, secretary) -> None:
    programme = ProgrammeFactory(organization=units.branch, titles=["一讲", "二讲", "三讲"])
    programme.items.get(lecture__title="一讲").lecture.unpublish()
    client.force_login(secretary)
    page = client.get(f"/programmes/{programme.pk}/play/")
    assert [row["card"].title for row in page.context["rows"]] == ["二讲", "三讲"]
    assert page.context["playback"].progressive in page.content.decode()


def test_what_was_held_becomes_an_activity_with_headcount(
    client: Client, units, secretary, menu, today
) -> None:
    programme = order(menu, units.branch, secretary, today, today)
    client.force_login(secretary)
    address = f"/activities/new/?programme={programme.pk}"
    form = client.get(address).context["form"]
    facts = {
        "held_on": form.initial["held_on"].isoformat(),
        "title": form.initial["title"],
        "speaker": "集体收看",
        "place": "村部",
        "headcount": "23",
    }
    for _tap in range(2):
        client.post(address, facts)
    activity = LectureActivity.objects.get()
    assert (activity.programme, activity.headcount) == (programme, 23)
    assert activity.organization == units.branch
    assert "23" in client.get(f"/programmes/{programme.pk}/").content.decode()


def test_an_activity_that_came_by_excel_is_what_was_held_of_the_programme(
    client: Client, units, secretary, today
) -> None:
    programme = ProgrammeFactory(organization=units.branch, on=today, titles=["一讲"])
    logged = ActivityFactory(organization=units.branch, held_on=today, headcount=20)
    facts = {"held_on": today.isoformat(), "title": logged.title, "speaker": logged.speaker}
    client.force_login(secretary)
    address = f"/activities/new/?programme={programme.pk}"
    answer = client.post(address, {**facts, "place": logged.place, "headcount": "23"}, follow=True)
    logged.refresh_from_db()
    assert (logged.programme, logged.headcount) == (programme, 20)
    assert answer.redirect_chain == [(f"/activities/{logged.pk}/", 302)]
    assert "登记的是 20 人次" in answer.content.decode()
    assert address not in client.get(f"/programmes/{programme.pk}/").content.decode()


def test_an_activity_of_another_programme_stays_with_it(units, secretary, today) -> None:
    first, second = (
        ProgrammeFactory(organization=units.branch, on=today, titles=["一讲"]) for _ in range(2)
    )
    logged = ActivityFactory(organization=units.branch, programme=first)
    activity_change(activity=logged, user=secretary, today=today, programme=second)
    logged.refresh_from_db()
    assert logged.programme == first


def test_what_was_taken_down_is_named_only_to_who_can_change_the_programme(
    client: Client, units, secretary
) -> None:
    programme = ProgrammeFactory(organization=units.branch, titles=["一讲", "二讲"])
    programme.items.get(lecture__title="一讲").lecture.unpublish()
    page = f"/programmes/{programme.pk}/"
    client.force_login(UserFactory(home=units.branch))
    shown = client.get(page).content.decode()
    assert ("一讲" in shown, "已下架的一节课" in shown) == (False, True)
    client.force_login(secretary)
    assert "一讲" in client.get(page).content.decode()
