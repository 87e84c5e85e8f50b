"""What the library and its recordings keep about people; what Wagtail keeps about editors.

Also speaks for `media_pipeline`, which stands beside `organizations` and does not know it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.durations import duration_text
from cms.models import LecturePage
from media_pipeline.assets import AssetInUse, asset_discard
from media_pipeline.messages import size_text
from media_pipeline.models import Upload, VideoAsset
from organizations.privacy.erasing import pseudonym
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.rules import Fate, declare, declare_act

KEPT_WITH_CONTENT = "Who handed in and published a lecture answers for it."


def contribute() -> None:
    register("uploads", uploads)
    register("submissions", submissions)
    _library_rules()
    _pipeline_rules()
    _wagtail_rules()
    declare_act("unfinished uploads", _stop_uploads)
    declare_act("recordings never handed in", _discard_recordings)
    declare_act("names in the editors' log", _clear_labels)


# -- sections --------------------------------------------------------------------------------------


def uploads(person: Any) -> Section:
    return Section(
        title=_("Recordings you uploaded"),
        why=_("To make lectures of them and to let you go on with an upload that broke off."),
        kept=_(
            "An upload that was not finished is removed after some days; a recording stays as "
            "long as a lecture uses it."
        ),
        labels={
            "name": _("File name"),
            "uploaded": _("Uploaded"),
            "size": _("Size"),
            "length": _("Length"),
            "state": _("State"),
        },
        rows=QueryRows(
            VideoAsset.objects.filter(owner=person).order_by("-created_at", "pk"),
            lambda asset: {
                "name": asset.original_name,
                "uploaded": asset.created_at,
                "size": size_text(asset.size),
                "length": duration_text(asset.duration),
                "state": asset.get_state_display(),
            },
        ),
        icon="upload",
    )


def submissions(person: Any) -> Section:
    return Section(
        title=_("Lectures you handed in"),
        why=_("Who hands in and who publishes a lecture answers for it."),
        kept=_("As long as the lecture is in the library."),
        labels={
            "title": _("Lecture"),
            "unit": _("Unit"),
            "submitted": _("Handed in"),
            "published": _("Published"),
        },
        rows=QueryRows(
            LecturePage.objects.filter(submitted_by=person)
            .select_related("organization")
            .order_by("-submitted_at", "pk"),
            lambda page: {
                "title": page.title,
                "unit": page.organization.name if page.organization else "",
                "submitted": page.submitted_at,
                "published": page.first_published_at,
            },
        ),
        icon="video",
    )


# -- erasing ---------------------------------------------------------------------------------------


def _library_rules() -> None:
    declare(
        "cms.LecturePage",
        {"submitted_by": Fate.KEEP},
        rest=(
            *("page_ptr", "summary", "speaker", "subject", "recorded_on", "asset"),
            *("former_asset", "organization", "submitted_at", "may_download"),
            *("topics", "audiences", "speakers", "base", "production", "part"),
            *("is_in_library", "is_premium", "is_open"),
        ),
        why=f"{KEPT_WITH_CONTENT} The speaker's name is content that the unit published.",
    )
    declare(
        "cms.Standing",
        {"decided_by": Fate.KEEP, "ended_by": Fate.KEEP},
        rest=("lecture", "kind", "organization", "since", "until"),
        why="Who decides about a lecture answers for it.",
    )
    declare(
        "wagtailcore.Page",
        {"owner": Fate.KEEP, "locked_by": Fate.DETACH},
        rest=(
            *("path", "depth", "numchild", "translation_key", "locale", "latest_revision", "live"),
            *("has_unpublished_changes", "first_published_at", "last_published_at"),
            *("live_revision", "go_live_at", "expire_at", "expired", "locked", "locked_at"),
            *("title", "draft_title", "slug", "content_type", "url_path", "seo_title"),
            *("show_in_menus", "search_description", "latest_revision_created_at", "alias_of"),
        ),
        why=KEPT_WITH_CONTENT,
    )


def _pipeline_rules() -> None:
    declare(
        "media_pipeline.Upload",
        {"owner": Fate.CLEAR},
        clear={"original_name": "", "metadata": "", "fingerprint": ""},
        rest=("state", "length", "offset", "created_at", "expires_at", "asset"),
        why="An unfinished one is removed with its bytes by the next sweep.",
    )
    declare(
        "media_pipeline.VideoAsset",
        {"owner": Fate.CLEAR},
        clear={"original_name": ""},
        rest=(
            *("state", "reason", "original_key", "size", "sha256", "duration", "width", "height"),
            *(
                "has_audio",
                "loudness",
                "brightness",
                "moments",
                "created_at",
                "first_play_at",
                "ready_at",
                "package",
                "poster",
                "arriving",
            ),
        ),
        why="Lectures and evidence of watching refer to the recording.",
    )
    declare(
        "media_pipeline.CaptionTrack",
        {"added_by": Fate.DETACH},
        rest=("asset", "text", "cues", "source", "checked_at", "added_at"),
        why="Captions are content of the lecture.",
    )
    declare(
        "media_pipeline.Chore",
        {"asked_by": Fate.DETACH},
        rest=(
            *("asset", "kind", "wish", "result", "state", "fence", "attempt", "claimed_until"),
            *("reason", "asked_at"),
        ),
        why="Work on a recording; who asked for it stands in the log.",
    )


def _wagtail_rules() -> None:
    """Wagtail's own tables. Its logs hold ids of editors and titles of pages."""
    declare(
        "wagtailusers.UserProfile",
        {"user": Fate.DELETE},
        rest=(
            *("submitted_notifications", "approved_notifications", "rejected_notifications"),
            *("updated_comments_notifications", "preferred_language", "current_time_zone"),
            *("avatar", "dismissibles", "theme", "contrast", "density", "keyboard_shortcuts"),
        ),
    )
    declare(
        "wagtailadmin.EditingSession",
        {"user": Fate.DELETE},
        rest=("content_type", "object_id", "last_seen_at", "is_editing"),
    )
    declare(
        "wagtailadmin.FormState",
        {"user": Fate.DELETE},
        rest=("data", "content_type", "object_id", "parent_object_id", "last_updated_at"),
    )
    declare(
        "wagtailcore.UploadedFile",
        {"uploaded_by_user": Fate.DELETE},
        rest=("for_content_type", "file"),
    )
    declare(
        "wagtailcore.PageSubscription",
        {"user": Fate.DELETE},
        rest=("page", "comment_notifications"),
    )
    logged = (
        *("content_type", "label", "action", "data", "timestamp", "uuid", "revision"),
        *("content_changed", "deleted"),
    )
    history = "The history of a page says by whom; it leads to the pseudonym from then on."
    declare("wagtailcore.PageLogEntry", {"user": Fate.KEEP}, rest=(*logged, "page"), why=history)
    declare(
        "wagtailcore.ModelLogEntry", {"user": Fate.KEEP}, rest=(*logged, "object_id"), why=history
    )
    declare(
        "wagtailcore.Revision",
        {"user": Fate.KEEP},
        rest=(
            *("content_type", "base_content_type", "object_id", "created_at", "object_str"),
            *("content", "approved_go_live_at"),
        ),
        why=history,
    )
    declare(
        "wagtailcore.WorkflowState",
        {"requested_by": Fate.KEEP},
        rest=(
            *("content_type", "base_content_type", "object_id", "workflow", "status"),
            *("created_at", "current_task_state"),
        ),
        why=history,
    )
    declare(
        "wagtailcore.TaskState",
        {"finished_by": Fate.KEEP},
        rest=(
            *("workflow_state", "revision", "task", "status", "started_at", "finished_at"),
            *("comment", "content_type"),
        ),
        why=history,
    )
    declare(
        "wagtailcore.Comment",
        {"user": Fate.KEEP, "resolved_by": Fate.KEEP},
        rest=(
            *("page", "text", "contentpath", "position", "created_at", "updated_at"),
            *("revision_created", "resolved_at"),
        ),
        why="Remarks on a lecture belong to its review.",
    )
    declare(
        "wagtailcore.CommentReply",
        {"user": Fate.KEEP},
        rest=("comment", "text", "created_at", "updated_at"),
        why="Remarks on a lecture belong to its review.",
    )


def _stop_uploads(person: Any) -> int:
    """Transfers under way, whole ones too, run out now; the sweep removes their bytes."""
    receiving = Upload.objects.filter(owner=person, state=Upload.State.RECEIVING)
    return receiving.update(offset=0, expires_at=timezone.now())


def _discard_recordings(person: Any) -> int:
    """Recordings that no lecture was made of belong to the person alone."""
    removed = 0
    for asset in VideoAsset.objects.filter(owner=person, lectures__isnull=True):
        try:
            asset_discard(asset=asset)
        except AssetInUse:
            continue  # evidence of watching rests on it
        removed += 1
    return removed


def _clear_labels(person: Any) -> int:
    """Wagtail writes what an object was called into its log, also of accounts."""
    from wagtail.models import ModelLogEntry

    kind = ContentType.objects.get_for_model(type(person))
    entries = ModelLogEntry.objects.filter(content_type=kind, object_id=str(person.pk))
    return entries.update(label=pseudonym(person), data={})
