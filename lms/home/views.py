"""Home, my learning, my page, privacy notice, reading mode; the sign of life; error pages.

The error pages for 400 and 500 need neither a request nor the database.
"""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lms.home.elder import elder_switch, safe_next
from lms.home.learning import home_context, learning_context
from lms.home.person import me_context
from organizations.privacy.retention import Kind, period_text

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login")
    context = home_context(user=request.user, request=request)
    return render(request, "home.html", {"nav": "home"} | context)


@never_cache
@require_safe
@login_required
def learning(request: HttpRequest) -> HttpResponse:
    context = learning_context(user=request.user, request=request)
    return render(request, "learning.html", {"nav": "learning"} | context)


@never_cache
@require_safe
@login_required
def me(request: HttpRequest) -> HttpResponse:
    context = me_context(user=request.user, request=request)
    return render(request, "me.html", {"nav": "me"} | context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    periods = {str(kind): period_text(kind) for kind in Kind}
    return render(request, "privacy.html", {"periods": periods})


@never_cache
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    response = redirect(safe_next(request, reverse("home:index")))
    elder_switch(request=request, response=response, on=request.POST.get("elder") == "on")
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and supervisors: 200 when this process can answer from the database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        logger.exception("The database does not answer")
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


# -- errors ----------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseBadRequest(loader.render_to_string("400.html"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponseServerError(loader.render_to_string("500.html"))
