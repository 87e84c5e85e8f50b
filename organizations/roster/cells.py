"""Values of single cells as people type them: text, codes, phones, dates.

Shapes: every function takes what a workbook reader gives (str, int, float, bool, date, datetime,
None) and returns a plain value or raises CellProblem. What a column means is in `columns`.
"""

from __future__ import annotations

import datetime as dt
import functools
import re

from organizations.roster.problems import CellProblem

# Full-width ASCII, the ideographic space, and marks that nobody sees.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys((0x3000, 0x00A0, 0x2007, 0x202F, 0x09, 0x0A, 0x0D), 0x20)
_UNSEEN = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF))
_TABLE = {**_WIDTH, **_SPACES, **_UNSEEN}
_RUNS = re.compile(r" {2,}")

# Excel keeps 15 digits of a number; what was longer has been rounded.
EXACT = 10**15
# Day 0 of Excel's serial dates, with its leap day of 1900 that never was.
EPOCH = dt.date(1899, 12, 30)
SERIALS = range(10_000, 80_000)  # 1927 to 2119
YEARS = range(1900, 2101)

_EXPONENT = re.compile(r"(\d)(?:\.(\d+))?[Ee]\+(\d{1,2})")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
_MOBILE = re.compile(r"1[3-9]\d{9}|\+(?!86)[1-9]\d{5,14}")
_HIDDEN_PHONE = re.compile(r"\d{2,4}\*{3,}\d{2,4}")
_IDENTITY_18 = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{2}(\d{2})(\d{2})\d{3}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
_IDENTITY_15 = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{5}\d{2}(\d{2})(\d{2})\d{3}(?![0-9A-Za-z])")
_DAY = re.compile(r"(\d{4})[-./\\年](\d{1,2})(?:[-./\\月](\d{1,2})日?|月)?")
_TIME_TAIL = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_SEPARATORS = re.compile(r"[、,;/|\s]+")
_NAME_DOTS = re.compile(r"(?<=[\u3400-\u9fff])[•‧・.·](?=[\u3400-\u9fff])")
_HAN_GAPS = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def text(value: object) -> str:
    """The cell as one line of text without stray spaces and full-width digits.

    Raises CellProblem "rounded" for numbers whose last digits Excel no longer knows.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, str):
        return _line(value)
    return str(value)


@functools.lru_cache(maxsize=4096)
def _line(value: str) -> str:
    plain = _RUNS.sub(" ", value.translate(_TABLE)).strip()
    # The apostrophe that makes a harmless text of a formula, ours or Excel's own.
    if plain[:1] == "'" and plain[1:2] in ("=", "+", "-", "@"):
        return plain[1:]
    return plain


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise CellProblem("not_a_number")
    if abs(value) >= EXACT:
        raise CellProblem("rounded")
    return str(int(value)) if value == int(value) else repr(value)


def _unfold(value: str) -> str:
    """Digits again of what was shown as 1.3812345678E+10; not when digits were lost."""
    found = _EXPONENT.fullmatch(value)
    if found is None:
        return value
    tail, power = found[2] or "", int(found[3])
    if len(tail) != power:
        raise CellProblem("exponent", value=value)
    return found[1] + tail


def code(value: object) -> str:
    """A person's or unit's code: letters, digits, hyphens and dots, at most 32 of them."""
    plain = _unfold(text(value)).replace(" ", "")
    if not plain:
        return ""
    if identity_like(plain):
        raise CellProblem("identity_number")
    if _CODE.fullmatch(plain) is None:
        raise CellProblem("bad_code")
    return plain


def person_code(value: object) -> str:
    """A person's code. What is as long as an identity-card number is taken for one."""
    plain = code(value)
    if len(plain) in (15, 18) and plain[:-1].isdecimal():
        raise CellProblem("identity_number")
    return plain


def phone(value: object) -> str:
    """A mobile number of 11 digits, or one from abroad with +; "*" for a masked one."""
    plain = _unfold(text(value)).replace(" ", "").replace("-", "")
    if not plain:
        return ""
    if _HIDDEN_PHONE.fullmatch(plain):
        return "*"
    if identity_like(plain):
        raise CellProblem("identity_number")
    for prefix in ("+86", "0086", "86"):
        if plain.startswith(prefix) and len(plain) == len(prefix) + 11:
            plain = plain[len(prefix) :]
    if _MOBILE.fullmatch(plain) is None:
        raise CellProblem("bad_phone")
    return plain


def name(value: object, *, longest: int = 60) -> str:
    """A person's or unit's name; 张 三 becomes 张三, dots of minority names become ·."""
    plain = _HAN_GAPS.sub("", text(value))
    plain = _NAME_DOTS.sub("·", plain)
    if identity_like(plain):
        raise CellProblem("identity_number")
    if len(plain) > longest:
        raise CellProblem("name_too_long", limit=longest)
    if plain[:1] in ("=", "+", "-", "@") or (plain and plain.replace(".", "").isdecimal()):
        raise CellProblem("bad_name")
    return plain


def identity_like(value: str) -> bool:
    """Whether a resident identity-card number stands in the text, by its length and birthday."""
    for pattern in (_IDENTITY_18, _IDENTITY_15):
        for found in pattern.finditer(value):
            if 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 31:
                return True
    return False


def words(value: object) -> tuple[str, ...]:
    """Several words of one cell, separated by 、 , ; / or spaces."""
    return tuple(word for word in _SEPARATORS.split(text(value)) if word)


def day(value: object) -> dt.date | None:
    """A date; a month means its first day. None for an empty cell.

    2024.9, 20240903, 2024年9月3日, 2024/9/3, Excel's serial numbers, dates. Raises CellProblem
    for a year alone, for what is no date, and for the number 2024.1, which Excel makes of both
    2024.1 and 2024.10.
    """
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return _date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return _date(value.year, value.month, value.day)
    if isinstance(value, bool | dt.time | dt.timedelta):
        raise CellProblem("bad_date")
    if isinstance(value, int | float):
        return _day_of_number(value)
    return _day_of_text(text(value))


def _day_of_number(value: float) -> dt.date:
    if value in SERIALS or (SERIALS.start <= value < SERIALS.stop):
        return EPOCH + dt.timedelta(days=int(value))
    if isinstance(value, int) or value.is_integer():
        return _day_of_digits(str(int(value)))
    shown = repr(float(value))
    year, _, month = shown.partition(".")
    if not year.isdecimal() or int(year) not in YEARS or len(month) > 2:
        raise CellProblem("bad_date")
    if month == "1":
        raise CellProblem("month_or_october", value=shown)
    return _date(int(year), int(month), 1)


@functools.lru_cache(maxsize=4096)
def _day_of_text(value: str) -> dt.date | None:
    plain = _TIME_TAIL.sub("", value).replace(" ", "")
    if not plain:
        return None
    if plain.isdecimal():
        if len(plain) == 5 and int(plain) in SERIALS:
            return EPOCH + dt.timedelta(days=int(plain))
        return _day_of_digits(plain)
    found = _DAY.fullmatch(plain)
    if found is None:
        raise CellProblem("bad_date")
    return _date(int(found[1]), int(found[2]), int(found[3] or 1))


def _day_of_digits(digits: str) -> dt.date:
    if len(digits) == 8:
        return _date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if len(digits) == 6 and int(digits[:4]) in YEARS:
        return _date(int(digits[:4]), int(digits[4:]), 1)
    raise CellProblem("year_only" if len(digits) == 4 else "bad_date")


def _date(year: int, month: int, number: int) -> dt.date:
    if year not in YEARS:
        raise CellProblem("bad_date")
    try:
        return dt.date(year, month, number)
    except ValueError:
        raise CellProblem("bad_date") from None
