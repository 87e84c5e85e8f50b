"""How tests ask for pages of people, and for what the log says of it."""

from django.urls import reverse

from audit.models import AuditEntry


def roster(client, user, unit, **asked):
    client.force_login(user)
    return client.get(reverse("people:list", args=[unit.code]), asked)


def person_page(client, user, person):
    client.force_login(user)
    return client.get(reverse("people:detail", args=[person.pk]))


def logged(action):
    return AuditEntry.objects.filter(action=action)


def open_names(client, then="/people/"):
    return client.post(reverse("people:reveal"), {"show": "on", "next": then})
