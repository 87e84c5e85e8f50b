"""Mounted at /v/: everything below is media or refused."""

from django.urls import re_path

from media_pipeline.views import serve_media

# No end anchor, so that an encoded line break is media's to refuse, too.
urlpatterns = [re_path(r"^", serve_media, name="media")]
