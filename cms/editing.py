"""What keepers may do with a page in Wagtail's admin, and the form they edit a lecture with.

Which pages they reach at all follows from their posts (`cms.access`).
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import PagePermissionTester

from cms.plain import plain_line
from cms.recordings import recording_problem, recordings_visible_to
from cms.review.gate import lecture_of_version, publishing_open, review_problem
from media_pipeline.models import VideoAsset


class ShelfPermissions(PagePermissionTester):
    """The library and its shelves follow the organisation tree, so nobody edits them by hand."""

    def can_edit(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_copy(self) -> bool:
        return False

    def can_publish(self) -> bool:
        return False

    def can_publish_subpage(self) -> bool:
        """What is added is a draft, which is reviewed first."""
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_lock(self) -> bool:
        return False

    def can_reorder_children(self) -> bool:
        return False


class LecturePermissions(PagePermissionTester):
    """What the review allows besides: it publishes by itself."""

    def can_publish(self) -> bool:
        return super().can_publish() and publishing_open(self.page)

    def can_unpublish(self) -> bool:
        """Taking down has a page of its own, with a reason."""
        return False

    def can_submit_for_moderation(self) -> bool:
        """What is saved as a draft is in review already."""
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Only what was never published: evidence of watching rests on the others."""
        return self.page.first_published_at is None and super().can_delete(ignore_bulk)

    def can_move(self) -> bool:
        """To the shelf of another unit, by those who may add lectures there."""
        return super().can_delete(ignore_bulk=True)

    def can_copy(self) -> bool:
        """A recording is one lecture; watching a copy would not count for the other."""
        return False


class LecturePageForm(WagtailAdminPageForm):
    """Drafts may be incomplete; to publish one, its recording must be ready."""

    is_draft = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "asset" in self.fields:
            # As the chooser checks posted ids; the present recording may stay.
            present = VideoAsset.objects.filter(pk=self.instance.asset_id)
            self.fields["asset"].queryset = recordings_visible_to(self.for_user) | present
        if "summary" in self.fields:
            self.fields["summary"].widget = forms.Textarea(attrs={"rows": 3})

    def defer_required_fields(self) -> None:
        # Wagtail calls this when the form is saved as a draft or previewed.
        self.is_draft = True
        super().defer_required_fields()

    def clean_title(self) -> str:
        return plain_line(self.cleaned_data["title"])

    def clean_speaker(self) -> str:
        return plain_line(self.cleaned_data["speaker"])

    def clean_asset(self) -> VideoAsset | None:
        """A recording is one lecture: watching it elsewhere would not count for this one."""
        asset: VideoAsset | None = self.cleaned_data["asset"]
        other = asset.lectures.exclude(pk=self.instance.pk).first() if asset else None
        if other is None and asset is not None:
            other = lecture_of_version(asset, but=self.instance.pk)
        if other is not None:
            raise forms.ValidationError(
                _("This recording already belongs to the lecture “%(title)s”."),
                params={"title": other.title},
            )
        return asset

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.is_draft and "asset" not in self.errors:
            asset = cleaned.get("asset")
            problem = recording_problem(asset)
            if not problem and asset is not None:
                problem = review_problem(self.instance, asset_id=asset.pk)
            if problem:
                self.add_error("asset", problem)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        if self.instance.organization_id is None and self.parent_page is not None:
            shelf = self.parent_page.specific
            self.instance.organization = shelf.organization
            self.instance.submitted_by = self.for_user
        return super().save(commit)
