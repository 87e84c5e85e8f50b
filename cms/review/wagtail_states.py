"""Wagtail's own workflow, kept in step with the rows of `cms.review`, so that its admin shows
where a lecture stands. Nothing is decided here (docs/adr/0018-reviews-beside-wagtail-workflows.md).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, override
from wagtail.models import TaskState, Workflow, WorkflowPage, WorkflowState, WorkflowTask
from wagtail.signals import (
    task_submitted,
    workflow_approved,
    workflow_rejected,
    workflow_submitted,
)

from cms.library import library_root, tables_exist
from cms.models import LecturePage
from cms.review.models import Kind, ReviewStep, ReviewTask

ACTIVE = (WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)


def workflow_setup() -> Workflow:
    """The workflow with its three tasks, on the whole library. Idempotent."""
    library = library_root()
    placed = WorkflowPage.objects.filter(page=library).select_related("workflow").first()
    with override(settings.LANGUAGE_CODE):
        name = gettext("Three reviews, three proofreadings")
        labels = {kind: gettext(str(kind.label)) for kind in Kind}
    workflow = placed.workflow if placed else Workflow.objects.create(name=name)
    if placed is None:
        WorkflowPage.objects.create(page=library, workflow=workflow)
    for order, kind in enumerate(Kind):
        task, _made = ReviewTask.objects.get_or_create(kind=kind, defaults={"name": labels[kind]})
        WorkflowTask.objects.get_or_create(
            workflow=workflow, task=task.task_ptr, defaults={"sort_order": order}
        )
    return workflow


def after_migrate(**kwargs: Any) -> None:
    """Receiver of post_migrate."""
    if kwargs.get("using", "default") != "default" or not tables_exist():
        return
    if ReviewTask._meta.db_table in connection.introspection.table_names():
        workflow_setup()


def letters_silenced() -> None:
    """Wagtail would write e-mails about workflows; accounts of this house have no address."""
    for signal, receiver, uid in (
        (task_submitted, TaskState, "group_approval_task_submitted_email_notification"),
        (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification"),
        (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification"),
        (workflow_approved, WorkflowState, "workflow_state_approved_email_notification"),
    ):
        signal.disconnect(sender=receiver, dispatch_uid=uid)


def state_of(lecture: LecturePage) -> WorkflowState | None:
    found = WorkflowState.objects.filter(
        base_content_type=lecture.get_base_content_type(),
        object_id=str(lecture.pk),
        status__in=ACTIVE,
    )
    return found.select_related("current_task_state", "workflow").first()


def began(lecture: LecturePage, step: ReviewStep, *, user: Any) -> None:
    """A round begins with a review; an earlier one, if it is still there, is over."""
    state = state_of(lecture)
    if state is not None:
        state.cancel(user=user)
    state = WorkflowState.objects.create(
        content_type=lecture.get_content_type(),
        base_content_type=lecture.get_base_content_type(),
        object_id=str(lecture.pk),
        workflow=workflow_setup(),
        status=WorkflowState.STATUS_IN_PROGRESS,
        requested_by=user,
    )
    state.update(user=user, next_task=ReviewTask.objects.get(kind=step.kind))


def passed(lecture: LecturePage, following: ReviewStep | None, *, user: Any, comment: str) -> None:
    """A review approved; `following` is the next one, None when it was the last."""
    state = state_of(lecture)
    if state is None:
        if following is not None:
            began(lecture, following, user=user)
        return
    task_state = state.current_task_state
    if task_state.status == TaskState.STATUS_IN_PROGRESS:
        task_state.specific.approve(user=user, update=False, comment=comment)
        state = WorkflowState.objects.get(pk=state.pk)
    if following is not None:
        state.update(user=user, next_task=ReviewTask.objects.get(kind=following.kind))
    else:
        state.finish(user=user)


def turned_down(lecture: LecturePage, *, user: Any, comment: str) -> None:
    """Sent back or refused."""
    state = state_of(lecture)
    if state is not None and state.current_task_state.status == TaskState.STATUS_IN_PROGRESS:
        state.current_task_state.specific.reject(user=user, comment=comment)


def dropped(lecture: LecturePage, *, user: Any) -> None:
    """The round is void, or nothing more is to come of it."""
    state = state_of(lecture)
    if state is not None:
        state.cancel(user=user)
