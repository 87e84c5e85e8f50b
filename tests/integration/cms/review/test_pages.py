"""The queue, the sheet, taking down, the setting of lines, the form on paper."""

import io
import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.review.form_pdf import form_data, form_pdf
from cms.review.models import Review, ReviewComment, ReviewLine, TakeDown
from cms.review.queue import queue_for
from cms.review.rounds import version_announce
from cms.review.sheet import sheet_of
from tests.factories import UserFactory, VideoAssetFactory
from tests.factories.reviews import open_step, pass_all, pass_step, submission

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture
def desk(client, staff):
    client.force_login(staff.clerk)
    return client


def text(response):
    return response.content.decode()


def post(client, review, act, headers=JSON, **fields):
    step = open_step(review)
    data = {"step": step.pk, "version": step.version, **fields}
    return client.post(reverse(f"review:{act}", args=[review.pk]), data, headers=headers)


# -- queue -----------------------------------------------------------------------------------------


def test_the_queue_holds_what_the_person_can_do_and_nothing_else(author, staff, units):
    first, second = submission(author), submission(author)
    submission(author, asset=VideoAssetFactory(owner=author))  # does not play yet
    waiting = [step.review for step in queue_for(staff.clerk)]
    assert waiting == [first, second]
    post_of_line = UserFactory(reviewer=True, unit=units.line)
    for stranger in (author, post_of_line, UserFactory(curator=True, unit=units.city)):
        assert not queue_for(stranger).exists()


def test_what_one_has_proofread_waits_for_somebody_else(desk, review, staff):
    assert post(desk, review, "proofread").status_code == 200
    assert not queue_for(staff.clerk).exists()
    assert queue_for(staff.section).exists()


def test_whoever_decided_one_review_proofreads_the_next_but_does_not_decide_it(review, staff):
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    assert queue_for(staff.clerk).exists()
    post_it = open_step(review)
    post_it.proofread_by, post_it.proofread_at = staff.reader, timezone.now()
    post_it.save()
    assert not queue_for(staff.clerk).exists()
    assert [step.pk for step in queue_for(staff.leader)] == [post_it.pk]


def test_a_review_at_rest_is_not_in_the_queue(review, author, staff):
    version_announce(review_id=review.pk, user=author, now=timezone.now())
    assert not queue_for(staff.clerk).exists()


def test_what_one_has_reviewed_is_listed_when_it_is_over(client, author, review, staff):
    other = submission(author, title="别人审的")
    pass_all(review, staff)
    for person, listed in ((staff.clerk, True), (UserFactory(reviewer=True), False)):
        client.force_login(person)
        page = text(client.get(reverse("review:queue")))
        assert ("最近办结" in page) is listed
    client.force_login(staff.leader)
    ended = text(client.get(reverse("review:queue"))).partition("最近办结")[2]
    assert reverse("review:sheet", args=[review.pk]) in ended
    assert reverse("review:sheet", args=[other.pk]) not in ended


def test_the_queue_takes_as_many_queries_for_many_as_for_few(
    desk, author, django_assert_max_num_queries
):
    for _ in range(8):
        submission(author)
    with django_assert_max_num_queries(12):
        page = text(desk.get(reverse("review:queue")))
    assert page.count("review-row") == 8


def test_words_and_kinds_narrow_the_queue(desk, author):
    submission(author, title="冬季护林防火")
    submission(author, title="番茄种植")
    page = text(desk.get(reverse("review:queue"), {"q": "护林"}))
    assert "冬季护林防火" in page
    assert "番茄种植" not in page
    page = text(desk.get(reverse("review:queue"), {"kind": "final"}))
    assert "番茄种植" not in page


def test_reviewing_is_for_people_with_a_post(client, units):
    client.force_login(UserFactory(home=units.branch))
    assert client.get(reverse("review:queue")).status_code == 403


# -- sheet -----------------------------------------------------------------------------------------


def test_the_sheet_plays_the_draft_for_its_reviewers_alone(desk, review, client, units):
    page = text(desk.get(reverse("review:sheet", args=[review.pk])))
    assert re.search(r'src="/v/[^"]+/progressive\.mp4"', page)
    client.force_login(UserFactory(reviewer=True, unit=units.sibling))
    for name in ("sheet", "captions", "form"):
        assert client.get(reverse(f"review:{name}", args=[review.pk])).status_code == 404
    assert post(client, review, "decide", verdict="approve").status_code == 404


def test_a_keeper_above_looks_on_and_decides_nothing(client, review, units):
    client.force_login(UserFactory(curator=True, unit=units.city))
    page = text(client.get(reverse("review:sheet", args=[review.pk])))
    assert "data-decide" not in page
    assert post(client, review, "proofread").status_code == 403


def test_a_decision_leads_to_the_next_submission(desk, author, staff):
    first, second = submission(author), submission(author)
    answer = post(desk, first, "proofread").json()
    assert answer["next"] == reverse("review:sheet", args=[second.pk])
    assert post(desk, second, "proofread").json() == {
        "next": reverse("review:queue"),
        "message": "",
    }
    assert "校对完成" in text(desk.get(reverse("review:queue")))


def test_without_scripts_the_same_acts_answer_with_pages(desk, review):
    response = post(desk, review, "proofread", headers={})
    assert response.status_code == 302
    response = post(desk, review, "decide", headers={}, verdict="refuse", note="")
    assert response.status_code in (403, 422)


def test_what_was_typed_comes_back_with_the_sentence(client, review, staff):
    post_step = open_step(review)
    post_step.proofread_by, post_step.proofread_at = staff.reader, timezone.now()
    post_step.save()
    client.force_login(staff.clerk)
    post(client, review, "decide", verdict="approve")
    client.force_login(staff.section)
    response = client.post(
        reverse("review:decide", args=[review.pk]),
        {"step": post_step.pk, "version": 1, "verdict": "send_back", "note": "第三页有错"},
    )
    assert response.status_code == 409
    page = text(response)
    assert "经办人甲刚刚审完这一步：通过" in page
    assert "第三页有错" in page


def test_a_comment_takes_minutes_and_seconds(desk, review):
    for at, second in (("0:12", 12.0), ("", None), ("3.5", 3.5), ("0：07", 7.0)):
        post(desk, review, "comment", text="看这里", at=at)
        assert ReviewComment.objects.latest("pk").second == second
    assert post(desk, review, "comment", text="x", at="一分").status_code == 422
    assert post(desk, review, "comment", text="\u200b", at="1").status_code == 422
    page = text(desk.get(reverse("review:sheet", args=[review.pk])))
    assert 'data-second="12.0"' in page


def test_one_press_proofreads_and_passes_where_one_person_may_do_both(client, author, staff, units):
    ReviewLine.objects.create(organization=units.city, separate=False)
    review = submission(author)
    client.force_login(staff.clerk)
    assert post(client, review, "decide", verdict="approve").status_code == 422
    assert post(client, review, "decide", verdict="approve", proofread="on").status_code == 200
    step = review.steps.first()
    assert step.proofread_by == step.decided_by == staff.clerk


@pytest.mark.parametrize(
    "fields", [{"step": "x"}, {"version": ""}, {"verdict": "publish"}, {"step": "9" * 30}]
)
def test_nonsense_is_answered_with_a_sentence(desk, review, fields):
    data = {"verdict": "approve", **fields}
    answer = post(desk, review, "decide", **data)
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert open_step(review).decided_by is None


def test_the_sheet_takes_a_constant_number_of_queries(
    desk, review, staff, django_assert_max_num_queries
):
    for second in range(12):
        post(desk, review, "comment", text="看", at=str(second))
    with django_assert_max_num_queries(31):
        desk.get(reverse("review:sheet", args=[review.pk]))


# -- taking down -----------------------------------------------------------------------------------


def test_a_lecture_is_taken_down_with_a_reason_and_brought_back(client, review, staff, author):
    pass_all(review, staff)
    url = reverse("review:take_down", args=[review.lecture_id])
    client.force_login(staff.leader)
    assert client.post(url, {"reason": ""}).status_code == 422
    assert LecturePage.objects.get().live
    for _twice in range(2):
        client.post(url, {"reason": "数据已过时"})
    assert not LecturePage.objects.get().live
    assert TakeDown.objects.get().reason == "数据已过时"
    client.force_login(author)
    assert "已下架：数据已过时" in text(client.get(reverse("cms:upload")))
    client.force_login(staff.leader)
    for _twice in range(2):
        client.post(reverse("review:take_down_lift", args=[review.lecture_id]))
    assert LecturePage.objects.get().live
    acts = AuditEntry.objects.filter(action__startswith="lecture.take_down").order_by("position")
    assert [entry.action for entry in acts] == ["lecture.take_down", "lecture.take_down_lift"]


def test_its_page_leads_to_the_sheet_and_the_form_also_when_it_is_down(client, review, staff):
    pass_all(review, staff)
    client.force_login(staff.leader)
    url = reverse("review:take_down", args=[review.lecture_id])
    for page in (client.get(url), client.post(url, {"reason": "有误"}, follow=True)):
        assert reverse("review:sheet", args=[review.pk]) in text(page)
        assert reverse("review:form", args=[review.pk]) in text(page)


def test_the_lecture_leads_its_keepers_and_its_reviewers_to_the_review(
    client, review, staff, units, author
):
    pass_all(review, staff)
    secretary = UserFactory(secretary=True, unit=units.township)
    page = LecturePage.objects.get()
    for person, name, pk in (
        (staff.leader, "take_down", page.pk),
        (secretary, "sheet", review.pk),
        (author, "", 0),
        (UserFactory(home=units.branch), "", 0),
    ):
        client.force_login(person)
        shown = client.get(page.url)
        assert shown.context["review_url"] == (reverse(f"review:{name}", args=[pk]) if pk else "")
        assert ("审核与下架" in text(shown)) is bool(pk)


def test_only_keepers_of_the_unit_take_down(client, review, staff, units):
    pass_all(review, staff)
    client.force_login(UserFactory(curator=True, unit=units.sibling))
    url = reverse("review:take_down", args=[review.lecture_id])
    assert client.post(url, {"reason": "x"}).status_code == 403
    assert LecturePage.objects.get().live


# -- lines -----------------------------------------------------------------------------------------


def test_a_line_settles_its_levels_for_what_comes(client, author, staff, units):
    client.force_login(UserFactory(administrator=True, unit=units.city))
    page = text(client.get(reverse("review:lines")))
    assert units.line.name in page
    code = units.city.code
    client.post(
        reverse("review:line", args=[code]),
        {f"{code}-levels": ["township", "county"], f"{code}-above": "all"},
    )
    line = ReviewLine.objects.get()
    assert (line.levels, line.above, line.separate) == (["township", "county"], "all", False)
    kinds = submission(author).steps.values_list("kind", flat=True)
    assert list(kinds) == ["self", "first", "final"] * 2
    assert AuditEntry.objects.filter(action="review_line.change").count() == 1


def test_a_line_is_kept_by_its_own_administrators_and_those_above(client, units):
    client.force_login(UserFactory(administrator=True, unit=units.line))
    page = text(client.get(reverse("review:lines")))
    assert units.city.name not in page
    url = reverse("review:line", args=[units.city.code])
    assert client.post(url, {}).status_code == 403
    assert not ReviewLine.objects.exists()


# -- the form --------------------------------------------------------------------------------------


def test_the_form_on_paper_names_everybody_and_embeds_its_font(desk, review, staff):
    pass_all(review, staff)
    response = desk.get(reverse("review:form", args=[review.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert b"/FontFile" in response.content
    words = json.dumps(form_data(sheet_of(review.pk), now=timezone.now()), ensure_ascii=False)
    for part in ("乡村振兴", "经办人甲", "科室乙", "领导丙", "校对丁", "支书戊", "未发现涉密"):
        assert part in words


def test_what_people_wrote_is_no_markup_of_the_form(review):
    Review.objects.filter(pk=review.pk).update(script="x")
    page = LecturePage.objects.get()
    page.title = "#panic() $x$ *粗* `a` \\ \" ' @b <c>"
    page.save_revision()
    assert io.BytesIO(form_pdf(sheet_of(review.pk), now=timezone.now())).read(4) == b"%PDF"
