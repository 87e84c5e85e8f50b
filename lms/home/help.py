"""The help: one page for each kind of work, in Chinese, for everybody, signed in or not.

The texts are templates (templates/help), not messages: an article reads as one, and who speaks no
Chinese runs no branch here. The pictures are made by the browser tests (`make help-pictures`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe


@dataclass(frozen=True)
class Article:
    slug: str
    title: Promise
    lead: Promise
    icon: str

    @property
    def icon_path(self) -> str:
        return f"icons/{self.icon}.svg"


ARTICLES = (
    Article("member", _("For members"), _("Signing in, watching, finding, classes"), "learning"),
    Article(
        "room",
        _("For the activity room"),
        _("Watching together: TV, remote control, roll, handing in"),
        "video",
    ),
    Article("uploader", _("For whoever uploads"), _("From the recording to the library"), "upload"),
    Article(
        "reviewer",
        _("For reviewers"),
        _("Proofreading, deciding, comments at a second of the film"),
        "check-circle",
    ),
    Article(
        "curator",
        _("For curators"),
        _("Overview, decisions, lists, collections, menus, other sites"),
        "library",
    ),
    Article(
        "organiser",
        _("For organisers of classes"),
        _("Plans, runs, enrolling by rule, sessions, catching up"),
        "class",
    ),
    Article(
        "administrator",
        _("For administrators"),
        _("Units, rosters, one-time codes, security, the log"),
        "unit",
    ),
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "help/index.html", {"articles": ARTICLES})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    found = next((one for one in ARTICLES if one.slug == slug), None)
    if found is None:
        raise Http404
    context = {"article": found, "articles": ARTICLES}
    return render(request, f"help/{found.slug}.html", context)
