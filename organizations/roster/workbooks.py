"""Rows of a workbook as calamine reads them, in this process. Pure.

Cells arrive as Python values; formulas are not computed, the value stored beside them counts. The
reader takes the memory that a file asks for: `guard` counts an .xlsx before, anything else is read
by `confined`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine

from organizations.roster.guard import Limits
from organizations.roster.problems import FileProblem

# calamine names an error's cause in its text only.
_LOCKED = ("password", "encrypt")


def workbook_rows(path: Path, limits: Limits) -> Iterator[list[object]]:
    """The first visible sheet that has rows, from its first row on. Raises FileProblem."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for facts in book.sheets_metadata:
            if (
                facts.typ == python_calamine.SheetTypeEnum.WorkSheet
                and facts.visible == python_calamine.SheetVisibleEnum.Visible
            ):
                sheet = book.get_sheet_by_name(facts.name)
                if sheet.start is not None and sheet.total_height:
                    if sheet.width > limits.columns:
                        raise FileProblem("too_many_columns", limit=limits.columns)
                    rows: Iterator[Any] = sheet.iter_rows()
                    return _guarded(rows)
    except python_calamine.PasswordError as problem:
        raise FileProblem("encrypted") from problem
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as problem:
        if isinstance(problem, FileProblem):
            raise
        locked = any(word in str(problem).lower() for word in _LOCKED)
        raise FileProblem("encrypted" if locked else "damaged") from problem
    except BaseException as problem:
        raise _panic(problem) from problem
    raise FileProblem("no_rows")


def _guarded(rows: Iterator[list[object]]) -> Iterator[list[object]]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except python_calamine.CalamineError as problem:
            raise FileProblem("damaged") from problem
        except BaseException as problem:
            raise _panic(problem) from problem
        yield row


def _panic(problem: BaseException) -> BaseException:
    """A panic of the reader means a damaged file; it is no Exception, so that it is not missed."""
    return FileProblem("damaged") if type(problem).__name__ == "PanicException" else problem
