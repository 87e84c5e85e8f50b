"""Recordings as the library's keepers see them: which ones, and whether one can be published.

What a recording is made of belongs to `media_pipeline`; it knows neither posts nor units, so the
scope of a keeper is applied here.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from media_pipeline.models import VideoAsset, VideoAssetQuerySet
from organizations import scope
from organizations.models import Membership, Organization, Post


def recordings_visible_to(user: Any) -> VideoAssetQuerySet:
    """What a keeper may choose from: own recordings and those of the own units.

    A recording belongs to the unit whose lecture it is. One that is no lecture yet belongs where
    its owner holds a post, or is a member. Without a post only the own ones are left.
    """
    if not user.is_authenticated or not user.is_active:
        return VideoAsset.objects.none()
    units = scope.managed_units(user, roles=KEEPERS)
    if any(unit.is_root() and unit.kind == Organization.Kind.CITY for unit in units):
        return VideoAsset.objects.all()
    own = Q(owner=user)
    if not units:
        return VideoAsset.objects.filter(own)
    inside = Q()
    for unit in units:
        inside |= Q(organization__path__startswith=unit.path)
    lectures = VideoAsset.lectures.rel.related_model._default_manager.filter(asset=OuterRef("pk"))
    owner = {"user": OuterRef("owner")}
    return VideoAsset.objects.filter(
        own
        | Exists(lectures.filter(inside))
        | ~Exists(lectures)
        & (
            Exists(Post.objects.current().filter(inside, **owner))
            | Exists(Membership.objects.current().filter(inside, **owner))
        )
    )


KEEPERS = (Post.Role.REVIEWER, Post.Role.CURATOR, Post.Role.ADMINISTRATOR)


def recording_problem(asset: VideoAsset | None) -> str:
    """Why a lecture with this recording cannot be published; "" when it can."""
    if asset is None:
        return _("Please choose a recording before you publish.")
    if asset.is_ready:
        return ""
    if asset.state == VideoAsset.State.PROCESSING:
        return _("The recording is still being prepared. Please publish when it is ready.")
    return _("This recording cannot be played. Please choose another one.")
