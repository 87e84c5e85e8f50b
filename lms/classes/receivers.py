"""What classes do when watching or the tree of units says something; each act is also found by
the sweep.
"""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from lms.classes.credited import settle_wake
from lms.classes.enrolments import lecture_counted, lecture_uncounted
from lms.classes.holders import classes_follow
from lms.classes.signals import attendance_changed, class_completion_withdrawn
from lms.classes.telling import fallen_tell
from lms.watching.signals import completion_withdrawn, lecture_completed
from organizations.models import Organization
from organizations.signals import organization_changed


@receiver(lecture_completed, dispatch_uid="classes.lecture_counted")
def completed(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    lecture_counted(user_id=user_id, lecture_id=lecture_id)


@receiver(completion_withdrawn, dispatch_uid="classes.lecture_uncounted")
def withdrawn(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    lecture_uncounted(user_id=user_id, lecture_id=lecture_id)


@receiver(class_completion_withdrawn, dispatch_uid="classes.completion_fallen")
def fallen(sender: Any, user_id: int, class_id: int, **kwargs: Any) -> None:
    fallen_tell(class_id, user_id)


@receiver(organization_changed, sender=Organization, dispatch_uid="classes.unit_merged")
def unit_changed(sender: Any, act: str, **kwargs: Any) -> None:
    if act == "merge":
        classes_follow()


@receiver(attendance_changed, dispatch_uid="classes.attendance_credited")
def attended(sender: Any, item_id: int, user_ids: Collection[int], **kwargs: Any) -> None:
    transaction.on_commit(partial(settle_wake, item_id, user_ids))
