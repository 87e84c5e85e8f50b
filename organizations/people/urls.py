"""Addresses of rosters and people."""

from django.urls import path

from organizations.people import act_views, reveal_views, views

app_name = "people"
urlpatterns = [
    path("reveal/", reveal_views.reveal, name="reveal"),
    path("in/<str:code>/", views.roster, name="list"),
    path("in/<str:code>/new/", act_views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/change/", act_views.change, name="change"),
    path("<int:pk>/transfer/", act_views.transfer, name="transfer"),
    path("<int:pk>/ties/new/", act_views.tie, name="tie"),
    path("<int:pk>/ties/<int:row>/end/", act_views.tie_end, name="tie_end"),
    path("<int:pk>/tags/new/", act_views.tag, name="tag"),
    path("<int:pk>/tags/<int:row>/end/", act_views.tag_end, name="tag_end"),
    path("<int:pk>/posts/new/", act_views.post, name="post"),
    path("<int:pk>/posts/<int:row>/end/", act_views.post_end, name="post_end"),
    path("<int:pk>/leave/", act_views.leave, name="leave"),
]
