"""The addresses of uploading: the tus endpoint and the page around it."""

from django.urls import URLPattern, URLResolver, include, path

from cms import caption_views, recording_views, upload_views
from cms.review import author_views
from media_pipeline.tus import tus_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("uploads/", include(tus_urls(upload_views.may_upload))),
    path("upload/", upload_views.upload_page, name="upload"),
    path("upload/submit/", upload_views.submit, name="submissions"),
    path("upload/draft/", author_views.draft, name="submission_draft"),
    path("upload/lectures/<int:lecture_id>/", author_views.change, name="submission_change"),
    path(
        "upload/lectures/<int:lecture_id>/new-version/",
        author_views.announce,
        name="version_announce",
    ),
    path(
        "upload/lectures/<int:lecture_id>/new-version/withdraw/",
        author_views.withdraw,
        name="version_withdraw",
    ),
    path("upload/resume/", upload_views.resume, name="upload_resume"),
    path("upload/assets/<uuid:asset_id>/", upload_views.status, name="upload_status"),
    path("upload/assets/<uuid:asset_id>/preview/", upload_views.preview, name="upload_preview"),
    path(
        "upload/assets/<uuid:asset_id>/discard/",
        upload_views.recording_discard,
        name="recording_discard",
    ),
    path("upload/assets/<uuid:asset_id>/retry/", upload_views.retry, name="upload_retry"),
    path("recordings/<uuid:asset_id>/", recording_views.recording, name="recording"),
    path(
        "recordings/<uuid:asset_id>/captions.vtt",
        caption_views.recording_captions,
        name="recording_captions",
    ),
    path(
        "recordings/<uuid:asset_id>/captions/",
        recording_views.captions_upload,
        name="captions_upload",
    ),
    path(
        "recordings/<uuid:asset_id>/captions/delete/",
        recording_views.captions_remove,
        name="captions_delete",
    ),
    path(
        "recordings/<uuid:asset_id>/captions/confirm/",
        recording_views.captions_confirm,
        name="captions_confirm",
    ),
    path("recordings/<uuid:asset_id>/chapters/", recording_views.chapters, name="chapters"),
    path("recordings/<uuid:asset_id>/poster/", recording_views.poster, name="poster"),
    path(
        "upload/unfinished/<uuid:upload_id>/discard/", upload_views.discard, name="upload_discard"
    ),
]
