"""Mounted at people/, before the pages of people: what keepers do about personal data."""

from django.urls import path

from organizations.privacy import views

app_name = "privacy"
urlpatterns = [
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/<int:pk>/", views.correction, name="correction"),
    path("<int:pk>/erase/", views.erase, name="erase"),
]
