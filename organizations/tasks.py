"""Makes the tasks of this app's rooms known to Celery, which looks for them here."""

from organizations.roster import tasks as roster

__all__ = ["roster"]
