"""Items of a plan or a run: the list with its changes, and one item."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.cards import lecture_cards
from cms.models import LecturePage
from lms.classes.forms import ItemForm
from lms.classes.models import ClassItem, ClassPlan, Item, PlanItem, TrainingClass
from lms.classes.plan_views import kept_plan
from lms.classes.planning import ClassError
from lms.classes.syllabus import Holder, item_add, item_change, item_move, item_remove
from lms.classes.views import NAV, kept_class, key_of

FOUND = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_items(request: HttpRequest, pk: int) -> HttpResponse:
    return _items(request, kept_plan(request, pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def run_items(request: HttpRequest, pk: int) -> HttpResponse:
    return _items(request, kept_class(request, pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    return _item(request, kept_plan(request, pk), item)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def run_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    return _item(request, kept_class(request, pk), item)


def _items(request: HttpRequest, holder: Holder) -> HttpResponse:
    """`?add=session` shows the form of a new item; lectures are found by `?q=`."""
    asked = request.POST if request.method == "POST" else request.GET
    content = asked.get("add", "")
    content = content if content in Item.Content.values else ""
    form = None
    if content and content != Item.Content.LECTURE:
        form = ItemForm(
            request.POST if request.method == "POST" else None,
            content=content,
            run=holder if isinstance(holder, TrainingClass) else None,
            user=request.user,
        )
    if request.method == "POST":
        try:
            if form is None or form.is_valid():
                _act(request, holder, form)
                return redirect(request.path)
        except ClassError as problem:
            messages.error(request, str(problem))
            return redirect(request.path)
    query = " ".join(request.GET.get("q", "").split())[:60]
    rows = list(holder.items.select_related("lecture", "collection"))
    electives = sum(not row.is_required for row in rows)
    context = {
        **_holder(holder),
        "items": rows,
        "content": content or (Item.Content.LECTURE if query else ""),
        "contents": Item.Content.choices,
        "form": form,
        "query": query,
        "found": _search(request, holder, query) if query else [],
        "few_electives": holder.electives_needed > electives and holder.electives_needed,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "classes/items.html", NAV | context, status=status)


def _act(request: HttpRequest, holder: Holder, form: ItemForm | None) -> None:
    user, asked = request.user, request.POST
    if form is not None:
        made = item_add(holder=holder, user=user, content=form.content, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is added.") % {"title": made.name})
        return
    if asked.get("act") == "add":
        lecture = LecturePage.objects.live().filter(pk=key_of(asked.get("lecture"))).first()
        if lecture is None:
            raise ClassError(_("This lecture is no longer published."))
        kind = asked.get("kind")
        facts = {"content": Item.Content.LECTURE, "lecture": lecture}
        kinds = Item.Kind
        facts["kind"] = kinds.ELECTIVE if kind == kinds.ELECTIVE else kinds.REQUIRED
        item_add(holder=holder, user=user, **facts)
        messages.success(request, _("“%(title)s” is added.") % {"title": lecture.title})
        return
    item = holder.items.filter(pk=key_of(asked.get("item"))).first()
    act = asked.get("act", "")
    if act not in ("earlier", "later", "remove"):
        raise Http404
    if item is None:
        return
    if act == "remove":
        item_remove(item=item, user=user)
    else:
        place = key_of(asked.get("place"))
        item_move(item=item, user=user, later=act == "later", place=place)


def _search(request: HttpRequest, holder: Holder, query: str) -> list[Any]:
    """Published lectures that do not stand there yet."""
    there = holder.items.filter(lecture__isnull=False).values("lecture")
    lectures = LecturePage.objects.visible_to(request.user).mentioning(query)
    return lecture_cards(
        lectures.exclude(pk__in=there).for_cards().newest()[:FOUND], request=request
    )


def _item(request: HttpRequest, holder: Holder, pk: int) -> HttpResponse:
    rows: Any = holder.items.select_related("lecture", "collection")
    item: PlanItem | ClassItem = get_object_or_404(rows, pk=pk)
    form = ItemForm(
        request.POST if request.method == "POST" else None,
        content=item.content,
        run=holder if isinstance(holder, TrainingClass) else None,
        user=request.user,
        item=item,
    )
    places = _holder(holder)
    if request.method == "POST" and form.is_valid():
        try:
            item_change(item=item, user=request.user, **form.cleaned_data)
            messages.success(request, _("“%(title)s” is changed.") % {"title": item.name})
        except ClassError as problem:
            messages.error(request, str(problem))
        return redirect(places["items_url"])
    context = {**places, "item": item, "form": form}
    status = 422 if form.errors else 200
    return render(request, "classes/item.html", NAV | context, status=status)


def _holder(holder: Holder) -> dict[str, Any]:
    """What pages of both say of where they are."""
    if isinstance(holder, ClassPlan):
        name, items = "classes:plan", "classes:plan_items"
    else:
        name, items = "classes:desk", "classes:items"
    return {
        "holder": holder,
        "is_plan": isinstance(holder, ClassPlan),
        "holder_url": reverse(name, args=[holder.pk]),
        "items_url": reverse(items, args=[holder.pk]),
        "item_view": "classes:plan_item" if isinstance(holder, ClassPlan) else "classes:item",
    }
