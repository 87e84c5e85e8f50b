"""What is being processed, for the keepers of the library: what waits, runs, or was given up, and
what was refused a short while ago, because its uploader will ask them why.

Starts at `recordings_visible_to`; the words are those that the uploader reads as well. The one act
is another try of what was given up, which the audit log notes.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet

from cms.recordings import KEEPERS, recordings_visible_to
from cms.submission_states import job_of, lecture_of, with_history
from media_pipeline.jobs import JobStateError, job_retry
from media_pipeline.messages import outlook_text, percent_of, sentence, state_text
from media_pipeline.models import TranscodeJob, VideoAsset
from organizations import scope
from organizations.models import Membership, Post

State = VideoAsset.State
UNFINISHED = (State.PROCESSING, State.FAILED)
REFUSED_SHOWN = dt.timedelta(days=7)


def recordings_in_work(user: Any) -> QuerySet[VideoAsset]:
    """What the keeper may see of it: what was given up, what is in work, what was refused; what
    came last first.
    """
    refused = Q(state=State.REFUSED, created_at__gte=timezone.now() - REFUSED_SHOWN)
    found = recordings_visible_to(user).filter(Q(state__in=UNFINISHED) | refused)
    return found.order_by("state", "-created_at", "pk")


def units_of(recordings: Iterable[VideoAsset], *, user: Any) -> dict[uuid.UUID, str]:
    """The unit that each recording comes from, as far as it lies within the keeper's units."""
    inside = scope.units_filter(scope.managed_units(user, roles=KEEPERS), field="organization")
    owners = {recording.owner_id for recording in recordings}
    held: dict[int, str] = {}
    for ties in (Post.objects.current(), Membership.objects.current()):
        ties = ties.filter(inside, user__in=owners).select_related("organization")
        for tie in ties.order_by("pk"):
            held.setdefault(tie.user_id, tie.organization.name)
    names = {}
    for recording in recordings:
        lecture = lecture_of(recording)
        unit = lecture.organization if lecture else None
        names[recording.pk] = unit.name if unit else held.get(recording.owner_id, "")
    return names


class QueueFilterSet(WagtailFilterSet):
    stage = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[
            ("waiting", gettext_lazy("Waiting")),
            ("running", gettext_lazy("Being processed")),
            ("failed", gettext_lazy("Given up")),
            ("refused", gettext_lazy("Refused")),
        ],
        method="by_stage",
        empty_label=gettext_lazy("All"),
    )

    class Meta:
        model = VideoAsset
        fields: list[str] = []

    def by_stage(self, queryset: Any, name: str, value: str) -> Any:
        if value in (State.FAILED, State.REFUSED):
            return queryset.filter(state=value)
        running = TranscodeJob.objects.full().filter(
            asset=OuterRef("pk"), state=TranscodeJob.State.RUNNING
        )
        runs = Exists(running) if value == "running" else ~Exists(running)
        return queryset.filter(runs, state=State.PROCESSING)


class RecordingColumn(BaseColumn):
    """Title or file name, unit, and since when."""

    cell_template_name = "cms/admin/queue_recording_cell.html"

    def get_cell_context_data(self, instance: VideoAsset, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        lecture = lecture_of(instance)
        context["title"] = lecture.title if lecture else instance.original_name or _("Recording")
        context["since"] = timesince(instance.created_at, depth=1)
        context["unit"] = context["table"].units.get(instance.pk, "")
        return context


class StateColumn(BaseColumn):
    """Where it stands, how long still, and for what was given up the reason and another try."""

    cell_template_name = "cms/admin/queue_state_cell.html"

    def get_cell_context_data(self, instance: VideoAsset, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        job = job_of(instance)
        over = instance.state != State.PROCESSING
        context["state_text"] = state_text(instance, job)
        context["outlook_text"] = outlook_text(job)
        context["percent"] = percent_of(job) if job and job.progress and not over else None
        context["reason_text"] = sentence(instance.reason) if over else ""
        if instance.state == State.FAILED:
            context["retry_url"] = reverse("recording-queue:retry", args=[instance.pk])
            context["csrf_token"] = get_token(context["request"])
        return context


@method_decorator(never_cache, name="dispatch")
class QueueView(generic.IndexView):
    model = VideoAsset
    filterset_class = QueueFilterSet
    page_title = gettext_lazy("Recordings in processing")
    header_icon = "tasks"
    paginate_by = 30
    list_export: list[str] = []
    verbose_name_plural = gettext_lazy("recordings in processing")
    results_template_name = "cms/admin/queue_results.html"
    columns = [
        RecordingColumn("recording", label=gettext_lazy("Recording")),
        StateColumn("state", label=gettext_lazy("State"), width="60%"),
    ]

    def get_base_queryset(self) -> Any:
        found = with_history(recordings_in_work(self.request.user))
        return found.prefetch_related("lectures__organization")

    def order_queryset(self, queryset: Any) -> Any:
        return queryset  # the order that matters is the one of `recordings_in_work`

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["table"].units = units_of(context["object_list"], user=self.request.user)
        return context


class RetryView(View):
    def post(self, request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
        recordings = with_history(recordings_visible_to(request.user))
        job = job_of(recordings.filter(pk=asset_id).first() or VideoAsset())
        if job is None:
            raise Http404
        try:
            job_retry(job=job, actor=request.user, now=timezone.now())
        except JobStateError as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("The recording is being processed once more."))
        return redirect("recording-queue:index")


class RecordingQueueViewSet(ViewSet):
    name = "recording-queue"
    icon = "tasks"
    menu_label = gettext_lazy("Processing")
    menu_name = "recording-queue"
    menu_order = 120
    add_to_admin_menu = True

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {
            "index_url_name": self.get_url_name("index"),
            "index_results_url_name": self.get_url_name("index_results"),
            **kwargs,
        }

    def get_urlpatterns(self) -> list[URLPattern]:
        results = self.construct_view(QueueView, results_only=True)
        return [
            path("", self.construct_view(QueueView), name="index"),
            path("results/", results, name="index_results"),
            path("<uuid:asset_id>/retry/", RetryView.as_view(), name="retry"),
        ]


recording_queue = RecordingQueueViewSet()
