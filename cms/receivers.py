"""What the library does when a post, a page or Wagtail's page log changes.

Each receiver makes one call. What they do to access and shelves is also found by
`cms.tasks.sweep_shelves`, so a lost signal costs minutes, never correctness. The index of what can
be found is written in the transaction of the change itself: whoever has published can search.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page, PageLogEntry
from wagtail.signals import post_page_move

from cms.access import access_sync
from cms.curated import Audience, Base, Production, Speaker, Topic
from cms.finding.indexing import lecture_index, pairs_forget, recording_index
from cms.models import LecturePage, SearchText
from cms.publishing import page_logged
from cms.review.words import words_heard
from cms.shelves import lecture_placed
from cms.tasks import shelves_wake
from media_pipeline.captions.models import CaptionTrack
from notices.commits import after_commit
from organizations.models import Organization, Post, User
from organizations.signals import organization_changed


@receiver(post_save, sender=Post)
@receiver(post_delete, sender=Post)
def post_changed(sender: Any, instance: Post, **kwargs: Any) -> None:
    user = User.objects.filter(pk=instance.user_id).first()
    if user is not None and not kwargs.get("raw", False):
        access_sync(user)


@receiver(post_save, sender=PageLogEntry)
def log_entry_written(sender: Any, instance: PageLogEntry, created: bool, **kwargs: Any) -> None:
    if created and not kwargs.get("raw", False):
        page_logged(instance)


@receiver(post_page_move)
def page_moved(sender: Any, instance: Page, **kwargs: Any) -> None:
    if sender is LecturePage:
        lecture_placed(LecturePage.objects.get(pk=instance.pk))


@receiver(organization_changed, sender=Organization)
def unit_changed(sender: Any, act: str, **kwargs: Any) -> None:
    if act in ("rename", "move", "merge"):
        after_commit(shelves_wake)


@receiver(post_save, sender=LecturePage)
def lecture_saved(sender: Any, instance: LecturePage, **kwargs: Any) -> None:
    if not kwargs.get("raw", False):
        lecture_index(instance.pk)


@receiver(m2m_changed, sender=LecturePage.speakers.through)
@receiver(m2m_changed, sender=LecturePage.topics.through)
@receiver(m2m_changed, sender=LecturePage.audiences.through)
def lecture_linked(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Wagtail writes these after the lecture itself. Lists are tied from the lecture's side."""
    if action.startswith("post_"):
        for pk in sorted(pk_set or ()) if reverse else [instance.pk]:
            lecture_index(pk)


def named_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    """A name of a list by which lectures are found."""
    if not kwargs.get("raw", False) and not kwargs.get("created", False):
        for pk in instance.lectures.order_by("pk").values_list("pk", flat=True):
            lecture_index(pk)


def named_going(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Ties go with it, without a signal of their own; taken away first they have one each."""
    instance.lectures.set([])


for model in (Speaker, Topic, Audience, Base, Production):
    post_save.connect(named_changed, sender=model)
for model in (Speaker, Topic, Audience):
    pre_delete.connect(named_going, sender=model)


@receiver(post_save, sender=CaptionTrack)
@receiver(post_delete, sender=CaptionTrack)
def captions_changed(sender: Any, instance: CaptionTrack, **kwargs: Any) -> None:
    if not kwargs.get("raw", False):
        recording_index(instance.asset_id)


@receiver(post_save, sender=CaptionTrack)
def captions_heard(sender: Any, instance: CaptionTrack, **kwargs: Any) -> None:
    """A machine's captions come when they come, after the proofreading too."""
    if not kwargs.get("raw", False) and instance.is_unchecked:
        transaction.on_commit(partial(words_heard, instance.asset_id))


@receiver(post_delete, sender=SearchText)
def text_deleted(sender: Any, instance: SearchText, **kwargs: Any) -> None:
    pairs_forget([instance])
