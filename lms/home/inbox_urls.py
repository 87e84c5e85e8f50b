from django.urls import path

from lms.home import inbox_views

app_name = "inbox"
urlpatterns = [
    path("", inbox_views.inbox, name="list"),
    path("ways/", inbox_views.ways, name="ways"),
    path("ways/mail/<str:token>/", inbox_views.mail, name="mail"),
]
