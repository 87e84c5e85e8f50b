"""The library's JSON addresses. Its pages are served by Wagtail (`cms.models`)."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.models import LecturePage
from cms.permissions import check_can_play
from media_pipeline.delivery import playback_for


@never_cache
@require_safe
def playback(request: HttpRequest, lecture_id: int) -> JsonResponse:
    """Fresh signed addresses of a lecture's recording, which the player asks for in good time.

    403 {message} when the person may not watch it, 404 when there is nothing to play.
    """
    lectures = LecturePage.objects.select_related("asset__package", "organization")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    try:
        check_can_play(request.user, lecture)
    except PermissionDenied as refusal:
        return JsonResponse({"message": str(refusal)}, status=403)
    found = playback_for(lecture.asset, now=timezone.now()) if lecture.asset else None
    if found is None:
        return JsonResponse({"message": _("This recording is not ready yet.")}, status=404)
    return JsonResponse(found.as_json())
