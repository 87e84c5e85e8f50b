from django.urls import path

from lms.watching import views

app_name = "watching"
urlpatterns = [
    path("open/", views.open_session, name="open"),
    path("beat/", views.beat, name="beat"),
    path("strips/", views.strips, name="strips"),
]
