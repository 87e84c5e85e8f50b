"""The library's addresses outside the page tree: playback, suggestions, uploading, embedding."""

from django.urls import URLPattern, URLResolver, include, path

from cms import (
    caption_views,
    collection_views,
    figure_views,
    handbill_views,
    pack_views,
    text_views,
    views,
)
from cms.finding.views import suggest
from cms.sharing import embed_views

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
    path("lectures/<int:lecture_id>/embed/", embed_views.embed_code, name="embed_code"),
    path("embed/<int:lecture_id>/", embed_views.embed, name="embed"),
    path("embed/<int:lecture_id>/playback/", embed_views.embed_playback, name="embed_playback"),
    path("embed/<int:lecture_id>/captions/", embed_views.embed_captions, name="embed_captions"),
    path(
        "lectures/<int:lecture_id>/notice/",
        handbill_views.lecture_handbill,
        name="lecture_handbill",
    ),
    path("lectures/<int:lecture_id>/text/", text_views.lecture_text, name="text"),
    path("collections/", collection_views.collection_list, name="collections"),
    path("collections/<int:pk>/", collection_views.collection, name="collection"),
    path("speakers/", collection_views.speaker_list, name="speakers"),
    path("speakers/<int:pk>/", collection_views.speaker, name="speaker"),
    path("figures/library/", figure_views.library_figures_page, name="figures"),
    path("", include("cms.upload_urls")),
]
