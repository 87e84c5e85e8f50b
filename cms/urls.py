"""The library's addresses outside the page tree: playback, uploading."""

from django.urls import URLPattern, URLResolver, include, path

from cms import views

app_name = "cms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("library-api/lectures/<int:lecture_id>/playback/", views.playback, name="playback"),
    path("", include("cms.upload_urls")),
]
