"""Messages of the demo come from its acts; here is only what a night and some reading would do."""

from __future__ import annotations

from django.utils import timezone

from cms.review.telling import reviewers_tell
from lms.classes.telling import learners_remind
from notices.inbox import messages_of, messages_seen
from notices.models import Message
from organizations.models import User

# As many as a person finds unread; the films of a whole demo are published at once.
UNREAD = 3


def messages_seed() -> None:
    """Twice is once: what is read stays read."""
    now = timezone.now()
    reviewers_tell(now=now)
    learners_remind(now=now)
    told = Message.objects.standing(now=now).values("recipient")
    for person in User.objects.filter(pk__in=told, is_demo=True):
        messages_seen(user=person, messages=messages_of(person)[UNREAD:], now=now)
