"""What of a lecture can be found, in the order in which results come.

One entry makes a text findable: it is derived, kept in step, ranked, marked and explained like all
others. `number` is the rank and the key in the index, with room between for what is to come. After
a new entry `manage.py library_index` fills it in; where its text lives in another row than the
lecture's, whoever changes that row calls `indexing.lecture_index`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

if TYPE_CHECKING:
    from cms.models import LecturePage


@dataclass(frozen=True)
class SearchField:
    """`text` gives what a reader sees. `initials_from`: the fewest letters of pinyin that are
    looked for in it, 0 for none; in a long text few letters would stand everywhere.
    """

    number: int
    name: str
    label: Any
    # None: not a text of the lecture's row (captions, which have moments).
    text: Callable[[LecturePage], str] | None
    initials_from: int = 0
    suggested: bool = False


def _column(name: str) -> Callable[[LecturePage], str]:
    return lambda lecture: str(getattr(lecture, name))


def _subject(lecture: LecturePage) -> str:
    with override(settings.LANGUAGE_CODE):
        return str(lecture.get_subject_display())


def _speakers(lecture: LecturePage) -> str:
    """As the unit wrote it, and whoever of the list does not stand there."""
    listed = (one.name for one in lecture.speakers.all())
    return _row([lecture.speaker, *(name for name in listed if name not in lecture.speaker)])


def _words(field: str) -> Callable[[LecturePage], str]:
    return lambda lecture: _row(getattr(lecture, field).all())


def _name(field: str) -> Callable[[LecturePage], str]:
    return lambda lecture: _row([getattr(lecture, field) or ""])


def _row(words: Iterable[Any]) -> str:
    return "、".join(filter(None, map(str, words)))


TITLE = SearchField(10, "title", _("Title"), _column("title"), 2, suggested=True)
SPEAKER = SearchField(20, "speaker", _("Speaker"), _speakers, 2, suggested=True)
SUBJECT = SearchField(30, "subject", _("Subject"), _subject, 2, suggested=True)
TOPIC = SearchField(32, "topic", _("Topic"), _words("topics"), 2, suggested=True)
AUDIENCE = SearchField(34, "audience", _("Audience"), _words("audiences"), 2)
PRODUCTION = SearchField(36, "production", _("Production"), _name("production"), 2)
BASE = SearchField(38, "base", _("Training base"), _name("base"), 2)
SUMMARY = SearchField(40, "summary", _("Summary"), _column("summary"), 4)
# The captions' cues, a line each; the only text with moments (`indexing`).
CAPTION = SearchField(50, "caption", _("Captions"), None)
FIELDS = (
    *(TITLE, SPEAKER, SUBJECT, TOPIC, AUDIENCE, PRODUCTION, BASE, SUMMARY),
    CAPTION,
)
# What a lecture is called by in lists; a result says so when it was found there.
NAMED = (SUBJECT, TOPIC, AUDIENCE, PRODUCTION, BASE)
BY_NUMBER = {field.number: field for field in FIELDS}
