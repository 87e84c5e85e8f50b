"""The index of what can be found: a row for each text of a lecture, and a cell for each lecture.

PostgreSQL finds words by numbers of one to four characters in a GIN index over an expression, and
looks at the text itself for longer ones; SQLite by pairs of characters with their positions in an
FTS5 table, whose row numbers say lecture, field and kind. Both are exact (docs/search.md). They are
made in the migrations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db import connection, models
from django.db.models.lookups import Lookup
from wagtail.models import Page

from cms.finding.grams import gram_codes, gram_phrase, is_one_run
from cms.visibility import lectures_seen_by


class FoldedField(models.TextField):
    """Text in the form of `folding.fold`; `__holds=word` finds a folded word anywhere in it."""


@FoldedField.register_lookup
class Holds(Lookup):
    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if connection.vendor == "postgresql":
            return self._as_postgresql(compiler, connection)
        lhs = self.lhs
        quote = compiler.quote_name_unless_alias
        key = f"{quote(lhs.alias)}.{quote(lhs.target.model._meta.pk.column)}"
        found = (
            "SELECT text.id FROM cms_searchtext_grams JOIN cms_searchtext AS text ON "
            "text.lecture_id = cms_searchtext_grams.rowid >> 8 "
            "AND text.field = cms_searchtext_grams.rowid >> 1 & 127 "
            "AND text.initials = cms_searchtext_grams.rowid & 1 "
            "WHERE cms_searchtext_grams MATCH %s"
        )
        return f"{key} IN ({found})", (gram_phrase(self.rhs),)

    def _as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        sql = f"cms_grams({lhs}) @> %s::bigint[]"
        found = (*params, gram_codes(self.rhs))
        if not is_one_run(self.rhs):
            sql, found = f"{sql} AND strpos({lhs}, %s) > 0", (*found, *params, self.rhs)
        return sql, found


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    def holding(self, word: str, *, initials: bool = False) -> Self:
        """Texts in which the folded word stands: as written, or as letters of their pinyin."""
        return self.filter(initials=initials, folded__holds=word)


class SearchText(models.Model):
    """Derived, never edited: `indexing` alone writes it."""

    lecture = models.ForeignKey("cms.LecturePage", on_delete=models.CASCADE, related_name="texts")
    # `fields.SearchField.number`.
    field = models.PositiveSmallIntegerField()
    # Letters of the pinyin instead of the text itself.
    initials = models.BooleanField(default=False)
    # As a reader sees it; of captions a line each cue.
    text = models.TextField(blank=True)
    folded = FoldedField()
    # When each line is said, in milliseconds.
    starts = models.JSONField(default=list, blank=True)

    objects = SearchTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lecture", "field", "initials"], name="one_text_of_each_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lecture_id} {self.field}"

    @property
    def pairs_row(self) -> int:
        """The number of its row in SQLite's table of pairs, which thus says all but the text."""
        return self.lecture_id << 8 | self.field << 1 | self.initials


def texts_holding(
    word: str, fields: Collection[int] = (), *, initials: bool
) -> tuple[str, list[Any]]:
    """SQL for (lecture_id, field) of the texts in which the folded word stands, of these fields or
    all; with its parameters. The index answers, with the narrow part of the rows at most.
    """
    if connection.vendor == "sqlite":
        row = "cms_searchtext_grams.rowid"
        field, kind = f"{row} >> 1 & 127", f"{row} & 1 = {int(initials)}"
        sql = f"SELECT {row} >> 8 AS lecture_id, {field} AS field FROM cms_searchtext_grams"
        holds = "cms_searchtext_grams MATCH %s"
        params: list[Any] = [gram_phrase(word)]
    else:
        # In a form for which no other index is read, and by which the planner expects no fewer.
        field, kind = "field + 0", f"NULLIF(initials, {not initials}) IS NOT NULL"
        sql = "SELECT lecture_id, field FROM cms_searchtext"
        holds, params = "cms_grams(folded) @> %s::bigint[]", [gram_codes(word)]
        if not is_one_run(word):
            holds, params = f"{holds} AND strpos(folded, %s) > 0", [*params, word]
    within = f" AND {field} IN ({', '.join(map(str, sorted(fields)))})" if fields else ""
    return f"{sql} WHERE {holds} AND {kind}{within}", params


class LectureCellQuerySet(models.QuerySet["LectureCell"]):
    """Speaks of lectures as `LecturePageQuerySet` does."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(lectures_seen_by(user))

    def below(self, page: Page) -> Self:
        return self.filter(path__startswith=page.path)

    def newest(self) -> Self:
        return self.order_by("-first_published_at", "-path")

    def marked(self, marks: Iterable[str]) -> Self:
        """Those that have all these marks."""
        found = self
        for mark in marks:
            found = found.filter(marks__contains=f",{mark},")
        return found


class LectureCell(models.Model):
    """By what lectures are counted, narrowed down and put in order: all of it in a narrow row.

    The database keeps it (`cells`); nothing else writes it.
    """

    lecture = models.OneToOneField(
        "cms.LecturePage",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="cell",
    )
    # Of every filter, each between commas (`facets`).
    marks = models.TextField()
    # As Wagtail's page and the lecture say.
    path = models.CharField(max_length=255)
    live = models.BooleanField()
    is_open = models.BooleanField()
    first_published_at = models.DateTimeField(null=True)

    objects = LectureCellQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-first_published_at", "-path"], name="cell_newest")]

    def __str__(self) -> str:
        return f"{self.lecture_id} {self.marks}"
