"""The declared rules, room by room. An address without one, and one without an address, fail."""

from tests.scope.rule import Rule
from tests.scope.rules import (
    accounts,
    admin,
    admin_pages,
    gatherings,
    learning,
    ledger,
    library,
    people,
    reports,
    reviews,
    sharing,
    site,
)

# An address may have several: for several kinds of object, or of act.
RULES: dict[str, Rule | tuple[Rule, ...]] = {
    **site.RULES,
    **accounts.RULES,
    **people.RULES,
    **learning.RULES,
    **ledger.RULES,
    **gatherings.RULES,
    **reports.RULES,
    **library.RULES,
    **sharing.RULES,
    **reviews.RULES,
    **admin.RULES,
    **admin_pages.RULES,
}
