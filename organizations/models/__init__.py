"""People: the organisation tree, accounts, dated ties, credentials, roster imports.

Lectures, watching and classes do not belong here.
"""

from organizations.models.credentials import Correction, Credential
from organizations.models.dated import DatedQuerySet, DatedTie, today
from organizations.models.people import (
    DIMENSIONS,
    LecternUserManager,
    Membership,
    Post,
    Tag,
    User,
    dimension_of,
)
from organizations.models.roster import LeasedWork, RosterExport, RosterImport, RosterRow
from organizations.models.units import Organization, Placement, ScopeGrant

__all__ = [
    "DIMENSIONS",
    "Correction",
    "Credential",
    "DatedQuerySet",
    "DatedTie",
    "LeasedWork",
    "LecternUserManager",
    "Membership",
    "Organization",
    "Placement",
    "Post",
    "RosterExport",
    "RosterImport",
    "RosterRow",
    "ScopeGrant",
    "Tag",
    "User",
    "dimension_of",
    "today",
]
