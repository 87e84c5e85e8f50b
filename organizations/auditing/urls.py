"""Addresses of the log, below /audit/."""

from django.urls import path

from organizations.auditing import views

app_name = "auditing"
urlpatterns = [
    path("", views.index, name="log"),
    path("verify/", views.verify, name="verify"),
    path("export/", views.export, name="export"),
]
