from django.urls import path

from lms.gatherings import screen_views

app_name = "tv"
urlpatterns = [
    path("", screen_views.screen, name="screen"),
    path("code/", screen_views.code, name="code"),
    path("paired/", screen_views.paired, name="paired"),
    path("open/", screen_views.open_play, name="open"),
    path("playback/<int:lecture_id>/", screen_views.playback, name="playback"),
    path("beat/", screen_views.beat, name="beat"),
    path("door/", screen_views.door, name="door"),
]
