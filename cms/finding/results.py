"""Results as a person sees them: cards with what was found marked, and the moments of a film.

For one page of results, in a fixed number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from cms.cards import CARD, LectureCard, lecture_card
from cms.durations import clock_text
from cms.finding.fields import (
    BY_NUMBER,
    CAPTION,
    NAMED,
    SPEAKER,
    SUMMARY,
    TITLE,
    SearchField,
)
from cms.finding.marking import Part, marked, snippet
from cms.finding.models import SearchText
from cms.finding.searching import Found, Hit, Mentions, fields_by_initials
from cms.models import LecturePage, LecturePageQuerySet

Key = tuple[int, bool]
MOST_MOMENTS = 3
# A summary or a cue is cut to about this many characters around what was found.
SNIPPET = 64


@dataclass(frozen=True)
class Moment:
    """Where in the film something is said. `second` is where its line of captions begins."""

    second: int
    time_text: str
    url: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Result:
    """What templates/components/search_result.html shows."""

    card: LectureCard
    # The text in which the words were found first.
    found_in: SearchField
    title: Sequence[Part]
    speaker: Sequence[Part]
    # The name in a list by which it was found: subject, topic, audience, production or base.
    named: Sequence[Part]
    summary: Sequence[Part]
    moments: Sequence[Moment]
    # Lines of captions with the words that are not among the moments.
    more_moments: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.card.id,
            "title": self.card.title,
            "url": self.card.url,
            "unit": self.card.unit_name,
            "length": self.card.duration_text,
            "found_in": self.found_in.name,
            "marked": {
                name: _with_brackets(getattr(self, name))
                for name in ("title", "speaker", "named", "summary")
            },
            "moments": [
                {
                    "second": moment.second,
                    "url": moment.url,
                    "marked": _with_brackets(moment.parts),
                }
                for moment in self.moments
            ],
            "more_moments": self.more_moments,
        }


@dataclass(frozen=True)
class Place:
    """A text of a lecture in which words stand: a piece of it, or of captions the moments."""

    label: Any
    parts: Sequence[Part] = ()
    moments: Sequence[Moment] = ()
    more_moments: int = 0


def _with_brackets(parts: Sequence[Part]) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in parts)


def results(
    lectures: LecturePageQuerySet,
    found: Found,
    hits: Sequence[Hit],
    *,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> list[Result]:
    """The hits of one page, from `lectures`, which the person may see."""
    now = now or timezone.now()
    if not hits:
        return []
    ids = [hit.lecture_id for hit in hits]
    pages = lectures.order_by().for_cards().only(*CARD).in_bulk(ids)
    wanted = Q(
        field__in={TITLE.number, SPEAKER.number, SUMMARY.number, *(hit.rank for hit in hits)}
    )
    if not found.by_initials:
        wanted = (wanted | Q(field=CAPTION.number)) & Q(initials=False)
    texts: dict[int, dict[Key, SearchText]] = defaultdict(dict)
    for text in SearchText.objects.filter(wanted, lecture__in=ids):
        texts[text.lecture_id][text.field, text.initials] = text
    return [
        _result(pages[hit.lecture_id], texts[hit.lecture_id], found, hit, request=request, now=now)
        for hit in hits
        if hit.lecture_id in pages
    ]


def _result(
    page: LecturePage,
    texts: Mapping[Key, SearchText],
    found: Found,
    hit: Hit,
    *,
    request: HttpRequest | None,
    now: dt.datetime,
) -> Result:
    card = lecture_card(page, request=request, now=now)

    def shown(field: SearchField) -> tuple[str, Sequence[str], str]:
        """A text, the words to mark in it, and the letters in which they stand."""
        row = texts.get((field.number, found.by_initials))
        if row is not None:
            return row.text, found.words, row.folded if found.by_initials else ""
        row = texts.get((field.number, False))
        return row.text if row else "", (), ""

    captions = None if found.by_initials else texts.get((CAPTION.number, False))
    found_in = BY_NUMBER[hit.rank]
    said = _said(captions.folded, found.words) if captions else {}
    best = _best(said)
    return Result(
        card=card,
        found_in=found_in,
        title=marked(*shown(TITLE)),
        speaker=marked(*shown(SPEAKER)),
        named=marked(*shown(found_in)) if found_in in NAMED else (),
        summary=snippet(*shown(SUMMARY), length=SNIPPET),
        moments=_moments(captions, best, found.words, card.url) if captions and best else (),
        more_moments=len(said) - len(best),
    )


def places(mentions: Mentions, urls: Mapping[int, str]) -> dict[int, list[Place]]:
    """By lecture the texts in which any of the words stand, best first; `urls` has the pages'
    addresses, "" for those that have none yet.
    """
    words, found = mentions.words, defaultdict(list)
    texts = SearchText.objects.filter(lecture__in=urls, initials=mentions.by_initials)
    for text in texts.order_by("lecture", "field") if words else ():
        field = BY_NUMBER[text.field]
        here = [word for word in words if word in text.folded]
        if mentions.by_initials:
            here = [word for word in here if text.field in fields_by_initials(word)]
        if not here:
            continue
        if field is CAPTION:
            found[text.lecture_id].append(_place_in_captions(text, here, urls[text.lecture_id]))
            continue
        letters = text.folded if mentions.by_initials else ""
        parts = snippet(text.text, here, letters, length=SNIPPET)
        found[text.lecture_id].append(Place(field.label, parts))
    return found


def _place_in_captions(captions: SearchText, words: Sequence[str], url: str) -> Place:
    said = _said(captions.folded, words)
    best = _best(said)
    return Place(
        CAPTION.label,
        moments=_moments(captions, best, words, url),
        more_moments=len(said) - len(best),
    )


def _best(said: Mapping[int, int]) -> list[int]:
    """The lines with most of the words, in their order."""
    return sorted(sorted(said, key=lambda line: (-said[line], line))[:MOST_MOMENTS])


def _said(folded: str, words: Sequence[str]) -> dict[int, int]:
    """Lines of captions with any of the words, and how many of them each has."""
    counts: Counter[int] = Counter()
    for word in words:
        line, behind, at = 0, 0, folded.find(word)
        while at >= 0:
            line, behind = line + folded.count("\n", behind, at), folded.find("\n", at)
            counts[line] += 1
            # The next line begins behind its end; there its number goes up.
            at = folded.find(word, behind) if behind >= 0 else -1
    return counts


def _moments(
    captions: SearchText, lines: Sequence[int], words: Sequence[str], url: str
) -> list[Moment]:
    texts = captions.text.split("\n")
    found = []
    for line in lines:
        second = captions.starts[line] // 1000
        found.append(
            Moment(
                second=second,
                time_text=clock_text(second),
                # The player starts there; a second of nothing before is as well as none.
                url=f"{url}?t={max(second, 1)}" if url else "",
                parts=snippet(texts[line], words, length=SNIPPET),
            )
        )
    return found
