"""Under /api/v1/. What is said here of version 1 is never changed, only added to."""

from django.urls import path

from cms.sharing import api_views as views

app_name = "api"
urlpatterns = [
    path("", views.index, name="index"),
    path("lectures/", views.lectures, name="lectures"),
    path("lectures/<int:lecture_id>/", views.lecture, name="lecture"),
    path("lectures/<int:lecture_id>/playback/", views.playback, name="playback"),
    path("lectures/<int:lecture_id>/captions/", views.captions, name="captions"),
    path("lectures/<int:lecture_id>/poster/", views.poster, name="poster"),
    path("collections/", views.collections, name="collections"),
    path("collections/<int:pk>/", views.collection, name="collection"),
    path("taxonomy/", views.taxonomy, name="taxonomy"),
    path("<path:rest>", views.unknown, name="unknown"),
]
