"""Makes the tasks of this app's rooms known to Celery, which looks for them here."""

from organizations.people import tasks as people
from organizations.roster import tasks as roster

__all__ = ["people", "roster"]
