"""The suggestions below the search box, as JSON. Results are part of the library's own pages."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.finding.models import LectureCell
from cms.finding.suggestions import suggestions
from cms.library import library_root


@never_cache
@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """{suggestions: [{kind, text, parts: [[text, is hit]], url}]}; 403 for strangers."""
    if not request.user.is_authenticated:
        return JsonResponse({"suggestions": []}, status=403)
    found = suggestions(
        LectureCell.objects.visible_to(request.user),
        request.GET.get("q", ""),
        library_url=library_root().get_url(request) or "",
        request=request,
    )
    return JsonResponse({"suggestions": [one.as_json() for one in found]})
