"""The pages that show people: a roster and one person. Acts are in `act_views`."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organizations.people.list_pages import roster_context
from organizations.people.person_page import person_context


@never_cache
@require_safe
@login_required
def roster(request: HttpRequest, code: str) -> HttpResponse:
    context = roster_context(request=request, code=code)
    return render(request, "people/roster.html", {"nav": "me"} | context)


@never_cache
@require_safe
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    context = person_context(request=request, pk=pk)
    return render(request, "people/person.html", {"nav": "me"} | context)
