"""The way from the library down to a page."""

from django.http import HttpRequest
from wagtail.models import Page


def breadcrumbs(page: Page, request: HttpRequest) -> list[dict[str, str]]:
    """The library and the shelves above the page."""
    above = page.get_ancestors().filter(depth__gt=1)
    return [{"title": crumb.title, "url": crumb.get_url(request) or ""} for crumb in above]
