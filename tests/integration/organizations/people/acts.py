"""Acts that the tests of people have in common."""

from audit.models import AuditEntry
from organizations.models import Membership
from organizations.people import services


def logged(action):
    return AuditEntry.objects.filter(action=action)


def home_of(person):
    return Membership.objects.get(user=person, kind="home", valid_to=None)


def create(officer, unit, **given):
    return services.person_create(actor=officer, unit=unit, **{"name": "李新民", **given})
