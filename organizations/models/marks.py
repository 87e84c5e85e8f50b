"""A number whose bits say what somebody has; which bit says what is in `organizations.people`."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Lookup


class MarksField(models.BigIntegerField):
    """`__has=bits` looks at each row that is come to; `__found=bits` finds the rows by themselves.

    Both mean that all these bits are set. PostgreSQL has an index of single bits for the second,
    which the migration makes; elsewhere they are one and the same.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"default": 0, "editable": False} | kwargs)


@MarksField.register_lookup
class Has(Lookup):
    lookup_name = "has"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} & %s) = %s", (*params, self.rhs, self.rhs)


@MarksField.register_lookup
class Found(Has):
    lookup_name = "found"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        numbers = [number for number in range(63) if self.rhs >> number & 1]
        return f"roster_bits({lhs}) @> %s::smallint[]", (*params, numbers)
