"""What every page knows: the site's fields, the reading mode, what the person may do."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {"site": settings.SITE_FIELDS, "elder": request.COOKIES.get("elder") == "1"}
