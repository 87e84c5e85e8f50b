"""The demo's people find a few unread messages, however many lectures were published at once."""

import pytest

from lms.demo.messages import UNREAD, messages_seed
from notices.inbox import unread_count
from notices.models import Message
from notices.telling import tell
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_most_of_what_the_films_caused_is_read_already():
    author, other = UserFactory(is_demo=True), UserFactory()
    for number in range(UNREAD + 4):
        tell(
            to=[author.pk, other.pk],
            cause="review",
            text="published",
            subject=f"lecture:{number}",
            path="/upload/",
        )
    messages_seed()
    messages_seed()
    assert unread_count(author) == UNREAD
    assert unread_count(other) == UNREAD + 4
    assert Message.objects.visible_to(author).count() == UNREAD + 4
