"""The library's addresses outside the page tree: playback, suggestions, uploading."""

from django.urls import URLPattern, URLResolver, include, path

from cms import caption_views, pack_views, views
from cms.finding.views import suggest

app_name = "cms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("library-api/lectures/<int:lecture_id>/playback/", views.playback, name="playback"),
    path(
        "library-api/lectures/<int:lecture_id>/captions/",
        caption_views.lecture_captions,
        name="captions",
    ),
    path("library-api/suggestions/", suggest, name="suggest"),
    path("lectures/<int:lecture_id>/pack/", pack_views.pack, name="pack"),
    path("", include("cms.upload_urls")),
]
