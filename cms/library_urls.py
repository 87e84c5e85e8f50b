"""The addresses of the library's pages, without Wagtail's own sign-in form: it knows no limits."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls

urlpatterns = [
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("", include(wagtail_urls)),
]
