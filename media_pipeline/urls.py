"""Mounted at /v/: everything below is media or refused."""

from django.urls import re_path

from media_pipeline.views import serve_media

urlpatterns = [re_path(r"^(?s:.*)$", serve_media, name="media")]
