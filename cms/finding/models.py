"""The index of what can be found: one row for each text of a lecture.

PostgreSQL finds words by numbers of one to three characters in a GIN index over an expression, and
looks at the text itself for longer ones; SQLite by pairs of characters with their positions in an
FTS5 table. Both are exact (docs/search.md). They are made in the migration.
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models.lookups import Lookup

from cms.finding.grams import gram_codes, gram_phrase


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
        found = "SELECT rowid FROM cms_searchtext_grams WHERE cms_searchtext_grams MATCH %s"
        return f"{key} IN ({found})", (gram_phrase(self.rhs),)

    def _as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        sql = f"cms_grams({lhs}) @> %s::bigint[]"
        found = (*params, gram_codes(self.rhs))
        if len(self.rhs) > 3:
            # Its runs may stand apart; three characters or fewer are one run.
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
