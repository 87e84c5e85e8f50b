"""Three reviews with their proofreadings, by people whom the rules allow."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.publishing import NotReadyError, lecture_release
from cms.review.acts import (
    comment_add,
    comment_remove,
    secrecy_pass,
)
from cms.review.errors import ReviewConflict, ReviewError
from cms.review.models import Review, ReviewComment, ReviewLine, ReviewStep
from cms.review.queue import queue_for
from cms.review.rounds import (
    reviews_sweep,
    version_announce,
    version_withdraw,
)
from cms.review.sheet import part_of, sheet_of
from tests.factories import UserFactory, VideoAssetFactory
from tests.factories.reviews import open_step, pass_all, pass_step, review_staff, submission
from tests.integration.cms.review.acting import decide, read

pytestmark = pytest.mark.django_db


def checked_by_its_branch(author, units):
    """In its first review, which party-affairs officers proofread and do not decide."""
    reader, decider = (UserFactory(secretary=True, unit=units.branch) for _ in range(2))
    review = submission(author)
    pass_step(review, reader=reader, decider=decider)
    assert (open_step(review).kind, open_step(review).unit) == ("first", units.township)
    return review


def workflow_of(review):
    return WorkflowState.objects.filter(object_id=str(review.lecture_id)).latest("pk")


def test_three_reviews_lead_to_publication_and_wagtail_shows_each(review, staff, units):
    steps = review.steps.all()
    assert [(step.kind, step.planned_unit) for step in steps] == [
        ("self", units.branch),
        ("first", units.township),
        ("final", units.township),
    ]
    for kind, decider in (("self", staff.clerk), ("first", staff.section)):
        assert open_step(review).kind == kind
        state = workflow_of(review).current_task_state
        assert (state.task.specific.kind, state.status) == (kind, TaskState.STATUS_IN_PROGRESS)
        pass_step(review, reader=staff.reader, decider=decider)
        assert not LecturePage.objects.get(pk=review.lecture_id).live
    pass_step(review, reader=staff.reader, decider=staff.leader)
    review.refresh_from_db()
    assert review.state == Review.State.APPROVED
    assert LecturePage.objects.get(pk=review.lecture_id).live
    assert workflow_of(review).status == WorkflowState.STATUS_APPROVED
    named = review.steps.values_list("decided_by__name", "proofread_by__name")
    assert list(named) == [("经办人甲", "校对丁"), ("科室乙", "校对丁"), ("领导丙", "校对丁")]


def test_every_act_is_an_entry_of_the_log(review, staff):
    pass_all(review, staff)
    actions = AuditEntry.objects.filter(action__startswith="review.").order_by("position")
    assert list(actions.values_list("action", flat=True)) == [
        "review.open",
        *["review.proofread", "review.approve"] * 2,
        *["review.proofread", "review.secrecy", "review.approve"],
    ]
    assert AuditEntry.objects.filter(action="lecture.publish").count() == 1


def test_a_branch_with_its_author_alone_is_checked_by_its_township(review, units):
    assert open_step(review).unit == units.township


def test_a_branch_with_somebody_else_in_charge_checks_itself(author, staff, units):
    UserFactory(officer=True, unit=units.branch)
    other = UserFactory(secretary=True, unit=units.branch)
    review = submission(author)
    assert open_step(review).unit == units.branch
    read(review, UserFactory(officer=True, unit=units.branch))
    decide(review, other)
    assert open_step(review).unit == units.township


def test_a_unit_with_too_few_people_leaves_the_rest_to_the_unit_above(author, units):
    pair = [UserFactory(reviewer=True, unit=units.township) for _ in range(2)]
    above = review_staff(units.county)
    review = submission(author)
    pass_step(review, reader=pair[1], decider=pair[0])
    assert open_step(review).unit == units.township
    pass_step(review, reader=pair[0], decider=pair[1])
    assert open_step(review).unit == units.county
    pass_step(review, reader=above.reader, decider=above.leader)
    assert LecturePage.objects.get(pk=review.lecture_id).live


def test_without_anybody_the_review_waits_with_nobody_until_there_is_somebody(author, units):
    review = submission(author)
    assert open_step(review).unit is None
    review_staff(units.county)
    assert reviews_sweep() == 1
    assert open_step(review).unit == units.county
    assert reviews_sweep() == 0


def test_the_uploader_reviews_nothing_whatever_the_posts(units, staff):
    author = UserFactory(reviewer=True, unit=units.township)
    review = submission(author)
    with pytest.raises(PermissionDenied, match="自己上传的课"):
        read(review, author)
    read(review, staff.reader)
    with pytest.raises(PermissionDenied, match="自己上传的课"):
        decide(review, author)


def test_nobody_holds_two_reviews_of_a_round(review, staff):
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    read(review, staff.reader)
    with pytest.raises(PermissionDenied, match="另一审"):
        decide(review, staff.clerk)


def test_who_proofreads_does_not_decide_unless_the_line_says_so(author, staff, units):
    review = submission(author)
    read(review, staff.clerk)
    with pytest.raises(PermissionDenied, match="您已做了校对"):
        decide(review, staff.clerk)
    ReviewLine.objects.create(organization=units.city, separate=False)
    other = submission(author)
    read(other, staff.clerk)
    decide(other, staff.clerk)
    assert open_step(other).kind == "first"


def test_the_last_one_who_could_decide_leaves_proofreading_to_somebody_else(author, units):
    officer = UserFactory(officer=True, unit=units.township)
    clerk = UserFactory(reviewer=True, unit=units.township)
    other = UserFactory(reviewer=True, unit=units.township)
    review = submission(author)  # its branch has nobody but the author
    pass_step(review, reader=officer, decider=other)
    assert (open_step(review).kind, open_step(review).unit) == ("first", units.township)
    with pytest.raises(PermissionDenied, match="请由另一人校对"):
        read(review, clerk)
    assert open_step(review).proofread_by is None
    assert not queue_for(clerk).exists()
    part = part_of(clerk, sheet_of(review.pk))
    assert (part.may_act, "请由另一人校对" in part.why_not) == (False, True)
    assert [step.kind for step in queue_for(other)] == ["first"]
    read(review, officer)
    assert [step.kind for step in queue_for(clerk)] == ["first"]
    decide(review, clerk)
    assert open_step(review).kind == "final"


def test_the_last_one_who_could_decide_still_checks_for_secrets(author, units):
    officer = UserFactory(officer=True, unit=units.township)
    clerk = UserFactory(reviewer=True, unit=units.township)
    review = checked_by_its_branch(author, units)
    step = open_step(review)
    secrecy_pass(review_id=review.pk, step_id=step.pk, version=1, user=clerk, now=timezone.now())
    with pytest.raises(PermissionDenied, match="请由另一人校对"):
        read(review, clerk)
    read(review, officer)
    decide(review, clerk)


def test_a_review_that_only_its_proofreader_could_decide_moves_up(author, units):
    clerk = UserFactory(reviewer=True, unit=units.township)
    other = UserFactory(reviewer=True, unit=units.township)
    above = review_staff(units.county)
    review = checked_by_its_branch(author, units)
    read(review, clerk)
    assert reviews_sweep() == 0
    type(other).objects.filter(pk=other.pk).update(is_active=False)
    UserFactory(officer=True, unit=units.township)  # another reader is no help any more
    assert reviews_sweep() == 1
    assert (open_step(review).unit, open_step(review).proofread_by) == (units.county, clerk)
    decide(review, above.clerk)
    assert reviews_sweep() == 0


def test_reviewers_of_other_units_and_above_decide_nothing(review, units, staff):
    read(review, staff.reader)
    for stranger in (
        UserFactory(reviewer=True, unit=units.sibling),
        UserFactory(curator=True, unit=units.city),
        UserFactory(administrator=True, unit=units.township),
        UserFactory(home=units.branch),
    ):
        with pytest.raises(PermissionDenied):
            decide(review, stranger)
    assert open_step(review).decided_by is None


def test_levels_that_take_part_add_their_final_review(author, staff, units):
    ReviewLine.objects.create(organization=units.city, township=True, city=True)
    review = submission(author)
    pass_all(review, staff)
    assert not LecturePage.objects.get(pk=review.lecture_id).live
    step = open_step(review)
    assert (step.kind, step.planned_unit) == ("final", units.city)


def test_approval_takes_a_proofreading_and_the_last_one_a_check_for_secrets(review, staff):
    with pytest.raises(ReviewError, match="还没有校对"):
        decide(review, staff.clerk)
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    pass_step(review, reader=staff.reader, decider=staff.section)
    read(review, staff.reader)
    with pytest.raises(ReviewError, match="保密审查"):
        decide(review, staff.leader)
    decide(review, staff.leader, secrecy=True)
    review.refresh_from_db()
    assert (review.state, review.secrecy_by) == (Review.State.APPROVED, staff.leader)


def test_a_recording_that_does_not_play_yet_is_not_approved(author, staff):
    review = submission(author, asset=VideoAssetFactory(owner=author))
    read(review, staff.reader)
    with pytest.raises(ReviewError, match="还在处理"):
        decide(review, staff.clerk)


def test_sending_back_and_refusing_say_why(review, staff):
    for verdict in ("send_back", "refuse"):
        with pytest.raises(ReviewError):
            decide(review, staff.clerk, verdict)
    decide(review, staff.clerk, "refuse", note="与党课无关")
    review.refresh_from_db()
    assert review.state == Review.State.REFUSED
    assert not review.steps.filter(state=ReviewStep.State.WAITING).exists()
    assert workflow_of(review).status == WorkflowState.STATUS_NEEDS_CHANGES


def test_comments_belong_to_a_second_of_the_version_and_send_back_without_a_note(review, staff):
    comment = comment_add(
        review_id=review.pk,
        version=1,
        user=staff.section,
        text="字幕有错字",
        second=12.34,
        now=timezone.now(),
    )
    assert (comment.second, comment.version) == (12.3, 1)
    with pytest.raises(ReviewError, match="超出了录像"):
        comment_add(
            review_id=review.pk,
            version=1,
            user=staff.section,
            text="?",
            second=500.0,
            now=timezone.now(),
        )
    decide(review, staff.clerk, "send_back")
    with pytest.raises(ReviewError, match="转给上传者"):
        comment_remove(comment_id=comment.pk, user=staff.section)


def test_a_comment_can_be_taken_back_by_its_author_alone(review, staff):
    comment = comment_add(
        review_id=review.pk, version=1, user=staff.clerk, text="x", second=None, now=timezone.now()
    )
    assert not comment_remove(comment_id=comment.pk, user=staff.section)
    assert comment_remove(comment_id=comment.pk, user=staff.clerk)
    assert not comment_remove(comment_id=comment.pk, user=staff.clerk)
    assert not ReviewComment.objects.exists()


def test_the_second_decision_is_told_of_the_first(review, staff):
    read(review, staff.reader)
    step = open_step(review)
    decide(review, staff.clerk, step=step)
    with pytest.raises(ReviewConflict, match="经办人甲刚刚审完"):
        decide(review, staff.section, "refuse", note="不同意", step=step)
    step.refresh_from_db()
    assert (step.state, step.note) == ("approved", "")


def test_while_a_new_version_is_on_its_way_nobody_decides_and_comments_are_kept(
    review, staff, author
):
    read(review, staff.reader)
    version_announce(review_id=review.pk, user=author, now=timezone.now())
    with pytest.raises(ReviewConflict, match="正在上传新版"):
        decide(review, staff.clerk)
    comment_add(
        review_id=review.pk, version=1, user=staff.clerk, text="留", second=1, now=timezone.now()
    )
    version_withdraw(review_id=review.pk, user=author)
    decide(review, staff.clerk)
    assert ReviewComment.objects.count() == 1


def test_what_is_in_review_is_published_by_nobody_else(review, units):
    curator = UserFactory(curator=True, unit=units.city)
    with pytest.raises(NotReadyError, match="还在审核"):
        lecture_release(lecture=review.lecture, user=curator)
    page = LecturePage.objects.get(pk=review.lecture_id)
    assert not page.permissions_for_user(curator).can_publish()
