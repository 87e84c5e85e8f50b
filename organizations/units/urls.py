"""Addresses of units: the tree on any day, acts on it, the own branch."""

from django.urls import path

from organizations.units import acts, grant_views, views

app_name = "units"
urlpatterns = [
    path("", views.unit_list, name="list"),
    path("mine/", views.branch, name="branch"),
    path("<str:code>/", views.unit_detail, name="detail"),
    path("<str:code>/new/", acts.create, name="create"),
    path("<str:code>/rename/", acts.rename, name="rename"),
    path("<str:code>/move/", acts.move, name="move"),
    path("<str:code>/merge/", acts.merge, name="merge"),
    path("<str:code>/close/", acts.close, name="close"),
    path("<str:code>/reopen/", acts.reopen, name="reopen"),
    path("<str:code>/grants/", grant_views.grants, name="grants"),
]
