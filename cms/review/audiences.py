"""For whom a lecture is meant, as its author says it.

The library sorts by what its keepers decide; this is the proposal they start from.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    ALL = "all", _("All members")
    SECRETARIES = "secretaries", _("Branch secretaries")
    VILLAGE = "village", _("Village committee members and resident officials")
    FARMERS = "farmers", _("Farmers and people who get others going")
    COMMUNITY = "community", _("Community workers")
    NEW_SECTOR = "new_sector", _("Members in new sectors")
    OFFICES = "offices", _("Members in offices and public institutions")
    FLOATING = "floating", _("Floating members")
    ELDERS = "elders", _("Retired and elderly members")
    APPLICANTS = "applicants", _("Applicants and probationary members")
