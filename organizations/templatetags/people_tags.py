"""A person's name, phone and code as the one who looks may read them.

`{% person_name person %}`, `{% person_name person unit_id %}` with the unit in whose list the
person stands, `{% person_phone person %}`, `{% person_code person %}`; `{% reveal %}` is the
button that opens or hides them, on the pages named in `organizations.people.reveal_views`;
`{% branch_people unit as panel %}` counts the people of a branch for `people/branch_panel.html`.
Needs the request in the context.
"""

from typing import Any

from django import template

from organizations.models import Organization, User
from organizations.people.branch_panel import branch_people as people_of
from organizations.people.masking import seconds_open
from organizations.people.viewer import Viewer

register = template.Library()


def viewer(context: dict[str, Any]) -> Viewer:
    request = context.get("request")
    return Viewer.of(request) if request is not None else Viewer(user=None, is_open=False)


@register.simple_tag(takes_context=True)
def person_name(context: dict[str, Any], person: User, unit_id: int | None = None) -> str:
    return viewer(context).name(person, unit_id)


@register.simple_tag(takes_context=True)
def person_phone(context: dict[str, Any], person: User) -> str:
    return viewer(context).phone(person)


@register.simple_tag(takes_context=True)
def person_code(context: dict[str, Any], person: User) -> str:
    return viewer(context).code(person)


@register.inclusion_tag("people/reveal.html", takes_context=True)
def reveal(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    left = seconds_open(request)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "is_open": left > 0,
        "minutes": -(-left // 60),
    }


@register.simple_tag(takes_context=True)
def branch_people(context: dict[str, Any], unit: Organization) -> dict[str, Any]:
    request = context["request"]
    return people_of(request.user, unit, request)
