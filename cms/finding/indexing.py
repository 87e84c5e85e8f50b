"""Keeping the index in step with the library, in the transaction of whatever changed it.

What should be in the index is derived from the lecture's row: of a published one from what members
see, of a draft from its latest revision, so that keepers find it. Writing compares first: what is
as it should be costs reading alone, and twice is harmless. `index_sweep` finds lectures that came
without a signal (a bulk insert, an upgrade); `differences` proves stored = derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from cms.finding.cells import cells_refresh
from cms.finding.fields import CAPTION, FIELDS
from cms.finding.folding import fold
from cms.finding.grams import gram_tokens
from cms.finding.initials import initials_of
from cms.finding.models import SearchText
from cms.models import LecturePage
from media_pipeline.captions.cues import CaptionFault
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.reading import read_captions
from media_pipeline.captions.spoken import spoken

# Lectures that one round of the sweep takes in; a large library needs some rounds, or the command.
PER_SWEEP = 500
# Lectures that a rebuild writes in one transaction.
PER_BATCH = 200

Key = tuple[int, bool]


@dataclass(frozen=True)
class Derived:
    """What a row of the index should hold."""

    folded: str
    text: str = ""
    starts: list[int] = field(default_factory=list)


@transaction.atomic
def lecture_index(lecture_id: int) -> int:
    """Bring the index of one lecture in step; how many rows were written or removed."""
    lecture = LecturePage.objects.select_for_update().filter(pk=lecture_id).first()
    if lecture is None:
        return 0
    wanted = derived(lecture)
    stored = {(row.field, row.initials): row for row in SearchText.objects.filter(lecture=lecture)}
    stale = [row for key, row in stored.items() if _held(row) != wanted.get(key)]
    kept = stored.keys() - {(row.field, row.initials) for row in stale}
    _remove(stale)
    new = [row for row in _rows(lecture, wanted) if (row.field, row.initials) not in kept]
    _add(new)
    return len({(row.field, row.initials) for row in [*stale, *new]})


def recording_index(asset_id: UUID) -> None:
    """The lectures of a recording, when its captions changed."""
    for pk in LecturePage.objects.filter(asset=asset_id).values_list("pk", flat=True):
        lecture_index(pk)


def index_sweep(most: int = PER_SWEEP) -> int:
    """Take in lectures of which nothing is in the index yet; how many. And put cells right, of
    which none should be wrong (`cells`).
    """
    cells_refresh(connection)
    missing = LecturePage.objects.filter(texts=None).order_by("pk").values_list("pk", flat=True)
    return sum(bool(lecture_index(pk)) for pk in list(missing[:most]))


def differences() -> Iterator[tuple[int, list[Key]]]:
    """Lectures whose texts are not what they should be, with the rows that differ.

    With SQLite the words of each row are also looked up in the table of pairs; the database's own
    index on PostgreSQL follows its table by itself.
    """
    for pk in LecturePage.objects.order_by("pk").values_list("pk", flat=True).iterator():
        lecture = LecturePage.objects.get(pk=pk)
        wanted = derived(lecture)
        rows = list(SearchText.objects.filter(lecture=lecture))
        held = {(row.field, row.initials): _held(row) for row in rows}
        wrong = [key for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)]
        wrong += [(row.field, row.initials) for row in rows if not _is_found(row)]
        if wrong:
            yield pk, sorted(set(wrong))


def index_rebuild() -> int:
    """Empty the texts and derive them anew, some lectures at a time; how many.

    The search goes on meanwhile and finds what is there already.
    """
    with transaction.atomic():
        SearchText.objects.all()._raw_delete(SearchText.objects.db)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO cms_searchtext_grams(cms_searchtext_grams) VALUES ('delete-all')"
                )
    pks = list(LecturePage.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), PER_BATCH):
        _batch_index(pks[start : start + PER_BATCH])
    return len(pks)


@transaction.atomic
def _batch_index(pks: list[int]) -> None:
    """Lectures of which nothing is in the index; of others, whoever changed them has seen to it."""
    missing = LecturePage.objects.filter(pk__in=pks).exclude(texts__isnull=False)
    lectures = list(LecturePage.objects.select_for_update().filter(pk__in=list(missing)))
    _add(row for lecture in lectures for row in _rows(lecture, derived(lecture)))


def derived(lecture: LecturePage) -> dict[Key, Derived]:
    """By field and kind. Texts without a character that is seen are not there."""
    shown = lecture if lecture.live else lecture.get_latest_revision_as_object()
    found: dict[Key, Derived] = {}
    for one in FIELDS:
        if one.text is None:
            continue
        text = one.text(shown)
        found[one.number, False] = Derived(fold(text), text)
        letters = initials_of(text) if one.initials_from else ""
        if letters != found[one.number, False].folded:
            found[one.number, True] = Derived(letters, text)
    found[CAPTION.number, False] = _captions(shown.asset_id)
    return {key: one for key, one in found.items() if one.folded}


def _captions(asset_id: UUID | None) -> Derived:
    track = CaptionTrack.objects.filter(asset=asset_id).first() if asset_id else None
    if track is None or not track.cues:
        return Derived("")
    lines, starts, folded = [], [], []
    try:
        cues = read_captions(track.text.encode())
    except CaptionFault:
        cues = []  # nothing that a player could show either
    for cue in cues:
        line = spoken(cue.text)
        if form := fold(line):
            lines.append(line)
            folded.append(form)
            starts.append(cue.start)
    return Derived("\n".join(folded), "\n".join(lines), starts)


def _rows(lecture: LecturePage, wanted: dict[Key, Derived]) -> list[SearchText]:
    return [
        SearchText(
            lecture=lecture,
            field=number,
            initials=initials,
            text=one.text,
            folded=one.folded,
            starts=one.starts,
        )
        for (number, initials), one in wanted.items()
    ]


def _held(row: SearchText) -> Derived:
    return Derived(row.folded, row.text, row.starts)


# -- rows, and the table of pairs beside them where there is one ----------------------------------


def _add(rows: Iterable[SearchText]) -> None:
    made = SearchText.objects.bulk_create(rows)
    _pairs("INSERT INTO cms_searchtext_grams(rowid, pairs) VALUES (%s, %s)", made)


def _remove(rows: list[SearchText]) -> None:
    SearchText.objects.filter(pk__in=[row.pk for row in rows])._raw_delete(SearchText.objects.db)
    pairs_forget(rows)


def pairs_forget(rows: Iterable[SearchText]) -> None:
    """The table of pairs keeps no text, so what is taken out of it must be told word by word."""
    _pairs(
        "INSERT INTO cms_searchtext_grams(cms_searchtext_grams, rowid, pairs) "
        "VALUES ('delete', %s, %s)",
        rows,
    )


def _pairs(sql: str, rows: Iterable[SearchText]) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(row.pairs_row, gram_tokens(row.folded)) for row in rows])


def _is_found(row: SearchText) -> bool:
    """Whether looking for the longest line of the row finds it."""
    line = max(row.folded.split("\n"), key=len)
    return SearchText.objects.filter(pk=row.pk, folded__holds=line).exists()
