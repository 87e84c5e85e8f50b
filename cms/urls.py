"""The library's addresses outside the page tree: playback, uploading."""

from django.urls import URLPattern, URLResolver, include, path

from cms import caption_views, pack_views, views

app_name = "cms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("library-api/lectures/<int:lecture_id>/playback/", views.playback, name="playback"),
    path(
        "library-api/lectures/<int:lecture_id>/captions/",
        caption_views.lecture_captions,
        name="captions",
    ),
    path("lectures/<int:lecture_id>/pack/", pack_views.pack, name="pack"),
    path("", include("cms.upload_urls")),
]
