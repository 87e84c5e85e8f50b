"""The member's pages of a class."""

import datetime as dt

import pytest
from django.utils import timezone

from lms.classes.criterion import RULE_UNKNOWN
from lms.watching.evidence import Bitmap
from tests.factories import (
    ClassItemFactory,
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    PlaySessionFactory,
    ReadingItemFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def watched(user, lecture, seen):
    return PlaySessionFactory(user=user, lecture=lecture, seen=seen.to_bytes(), accepted=len(seen))


@pytest.fixture
def learner(units, training_class):
    user = UserFactory(home=units.branch)
    EnrolmentFactory(training_class=training_class, user=user, organization=units.branch)
    return user


def test_pages_ask_to_sign_in(client, training_class):
    for address in ("/classes/", f"/classes/{training_class.pk}/"):
        response = client.get(address)
        assert (response.status_code, response.url) == (302, f"/accounts/login/?next={address}")


def test_the_class_shows_its_lectures_with_what_is_missing(
    client, learner, training_class, lectures
):
    watched(learner, lectures[0], Bitmap.span(0, 60))
    CompletionFactory(user=learner, lecture=lectures[0])
    watched(learner, lectures[1], Bitmap.span(0, 20) | Bitmap.span(30, 50))
    client.force_login(learner)

    context = client.get(f"/classes/{training_class.pk}/").context
    card = context["training_class"]
    first, second = context["required_items"]
    assert (card.required_done, card.required_total, card.percent) == (1, 2, 33)
    assert (card.elective_done, card.elective_needed, card.elective_total) == (0, 1, 1)
    assert (first.state, first.missing) == ("done", [])
    assert second.state == "part"
    assert [(span.start_text, span.end_text) for span in second.missing] == [
        ("0:20", "0:30"),
        ("0:50", "1:00"),
    ]
    row = f"in=class-{training_class.pk}"
    assert second.missing[0].url == f"{lectures[1].url}?{row}&t=20"
    assert context["elective_items"][0].state == "none"
    assert context["next_item"] is second
    assert context["enrolled"]


def test_large_print_leads_to_the_longest_part_that_is_missing(
    client, learner, training_class, lectures
):
    watched(learner, lectures[0], Bitmap.span(0, 20) | Bitmap.span(25, 40))
    learner.elder_mode = True
    learner.save()
    client.force_login(learner)
    page = client.get(f"/classes/{training_class.pk}/").content.decode()
    assert "还没看：0:40–1:00" in page
    assert f"{lectures[0].url}?in=class-{training_class.pk}&amp;t=40" in page
    assert "&amp;t=20" not in page


def test_the_page_of_a_lecture_knows_what_comes_next_in_the_class_of_its_learner(
    client, learner, training_class, lectures
):
    row = {"in": f"class-{training_class.pk}"}
    client.force_login(learner)
    found = client.get(lectures[0].get_url(), row).context["next_lecture"]
    assert (found.card.id, found.title) == (lectures[1].pk, training_class.title)
    client.force_login(UserFactory())
    assert client.get(lectures[0].get_url(), row).context["next_lecture"] is None


def following(client, run, lecture):
    return client.get(lecture.get_url(), {"in": f"class-{run.pk}"}).context["next_lecture"]


def test_in_order_the_next_lecture_opens_when_this_one_is_learnt(client, units, lectures):
    run = TrainingClassFactory(organization=units.county, required=lectures, is_sequential=True)
    learner = EnrolmentFactory(training_class=run).user
    client.force_login(learner)
    found = following(client, run, lectures[0])
    assert (found.card.id, found.is_locked) == (lectures[1].pk, True)
    # The third waits for the first, too.
    waits = following(client, run, lectures[1])
    assert (waits.card, waits.url) == (None, f"/classes/{run.pk}/")
    CompletionFactory(user=learner, lecture=lectures[0])
    assert not following(client, run, lectures[0]).is_locked
    # One that was begun before is open to go on with.
    watched(learner, lectures[2], Bitmap.span(0, 9))
    assert not following(client, run, lectures[1]).is_locked


def test_no_text_to_read_is_skipped_for_the_next_lecture(client, learner, training_class, lectures):
    for position, item in enumerate(training_class.items.all()):
        training_class.items.filter(pk=item.pk).update(position=2 * position)
    text = ReadingItemFactory(training_class=training_class, position=1)
    client.force_login(learner)
    assert following(client, training_class, lectures[0]).card is None
    text.done.create(user=learner, at=timezone.now())
    assert following(client, training_class, lectures[0]).card.id == lectures[1].pk


def test_what_is_learnt_already_is_not_next(client, learner, training_class, lectures):
    CompletionFactory(user=learner, lecture=lectures[1])
    client.force_login(learner)
    assert following(client, training_class, lectures[0]).card.id == lectures[2].pk


def test_nothing_is_next_when_everything_asked_for_is_done(
    client, learner, training_class, lectures
):
    ClassItemFactory(training_class=training_class, lecture=LecturePageFactory(), kind="elective")
    for lecture in lectures:
        CompletionFactory(user=learner, lecture=lecture)
    client.force_login(learner)

    assert client.get(f"/classes/{training_class.pk}/").context["next_item"] is None


def test_a_withdrawn_lecture_is_neither_linked_nor_next(client, learner, training_class, lectures):
    lectures[0].unpublish()
    client.force_login(learner)

    context = client.get(f"/classes/{training_class.pk}/").context
    assert context["required_items"][0].lecture.url == ""
    assert context["next_item"].lecture.id == lectures[1].pk


def test_a_foreign_class_does_not_exist(client, units, training_class):
    for user in (UserFactory(home=units.branch), UserFactory(secretary=True, unit=units.branch)):
        client.force_login(user)
        assert client.get(f"/classes/{training_class.pk}/").status_code == 404


def test_a_withdrawn_learner_no_longer_sees_the_class(client, learner, training_class):
    learner.enrolments.update(withdrawn_at=timezone.now())
    client.force_login(learner)

    assert client.get(f"/classes/{training_class.pk}/").status_code == 404


def test_who_holds_the_class_sees_it_without_being_enrolled(client, units, training_class):
    client.force_login(UserFactory(curator=True, unit=units.city))

    context = client.get(f"/classes/{training_class.pk}/").context
    assert not context["enrolled"]
    assert context["training_class"].progress_url == f"/classes/{training_class.pk}/progress/"


def test_the_list_has_open_classes_first(client, learner, training_class):
    today = timezone.localdate()
    dates = {"ended": (-60, -30), "upcoming": (10, 20), "open": (-5, 2)}
    for state, (first, last) in dates.items():
        one = TrainingClassFactory(
            title=state,
            starts_on=today + dt.timedelta(days=first),
            ends_on=today + dt.timedelta(days=last),
        )
        EnrolmentFactory(training_class=one, user=learner)
    client.force_login(learner)

    cards = client.get("/classes/").context["classes"]
    assert [card.state for card in cards] == ["open", "open", "upcoming", "ended"]
    assert [card.title for card in cards][:2] == ["open", training_class.title]
    assert cards[0].days_left == 2


def test_the_list_of_a_manager_counts_the_learners_within_the_scope(
    client, units, learner, training_class
):
    other = EnrolmentFactory(training_class=training_class, organization=units.other_branch)
    other.completed_at, other.completion_rule = timezone.now(), RULE_UNKNOWN
    other.save()
    seen = {}
    for name, unit in {"county": units.county, "township": units.township}.items():
        client.force_login(UserFactory(reviewer=True, unit=unit))
        (card,) = client.get("/classes/").context["managed_classes"]
        seen[name] = (card.enrolled_count, card.completed_count)

    assert seen == {"county": (2, 1), "township": (1, 0)}


def test_a_class_page_takes_the_same_queries_for_any_number_of_lectures(
    client, units, learner, training_class, django_assert_max_num_queries
):
    client.force_login(learner)
    client.get(f"/classes/{training_class.pk}/")
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as queries:
            assert client.get(f"/classes/{training_class.pk}/").status_code == 200
        counts.append(len(queries))
        for lecture in LecturePageFactory.create_batch(4, organization=units.county):
            ClassItemFactory(training_class=training_class, lecture=lecture)
            watched(learner, lecture, Bitmap.span(0, 9))

    assert counts[0] == counts[1]


def test_the_list_takes_the_same_queries_for_any_number_of_classes(
    client, learner, training_class, django_assert_max_num_queries
):
    client.force_login(learner)
    client.get("/classes/")
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as queries:
            client.get("/classes/")
        counts.append(len(queries))
        for _ in range(4):
            EnrolmentFactory(user=learner)

    assert counts[0] == counts[1]
