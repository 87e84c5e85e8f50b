"""Text that a spreadsheet must not take for a formula.

Every cell that we write is of the text type, which no program evaluates; the apostrophe keeps
it harmless when somebody saves the sheet as CSV and opens that. `cells.text` takes it off again.
Formulas in a file that comes in are not computed: the value that Excel stored beside them counts.
"""

from __future__ import annotations

import re

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
# Not allowed in XML 1.0 at all.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a cell of Excel holds at most.
LONGEST = 32_767


def neutral(value: str) -> str:
    """The text as it is written into a cell."""
    plain = _CONTROLS.sub("", value)[: LONGEST - 1]
    return "'" + plain if plain.startswith(DANGEROUS) else plain
