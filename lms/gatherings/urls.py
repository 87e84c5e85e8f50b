from django.urls import path

from lms.gatherings import here_views, paper_views, roll_views, views, void_views

app_name = "gatherings"
urlpatterns = [
    path("gatherings/", views.gathering_list, name="list"),
    path("gatherings/new/", views.gathering_new, name="new"),
    path("gatherings/paper/", paper_views.paper, name="paper"),
    path("gatherings/<int:pk>/", views.detail, name="detail"),
    path("gatherings/<int:pk>/roll/", roll_views.roll, name="roll"),
    path("gatherings/<int:pk>/roll/<int:user>/void/", void_views.void_person, name="void_person"),
    path("gatherings/<int:pk>/door/", roll_views.door, name="door"),
    path("gatherings/<int:pk>/photo/", views.photo, name="photo"),
    path("here/<int:pk>/", here_views.here, name="here"),
]
