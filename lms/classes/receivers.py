"""What classes do when watching says something. Each of these acts is also found by the sweep."""

from typing import Any

from django.dispatch import receiver

from lms.classes.enrolments import lecture_counted, lecture_uncounted
from lms.watching.signals import completion_withdrawn, lecture_completed


@receiver(lecture_completed, dispatch_uid="classes.lecture_counted")
def completed(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    lecture_counted(user_id=user_id, lecture_id=lecture_id)


@receiver(completion_withdrawn, dispatch_uid="classes.lecture_uncounted")
def withdrawn(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    lecture_uncounted(user_id=user_id, lecture_id=lecture_id)
