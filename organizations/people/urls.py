from django.urls import path

from organizations.people import reveal_views

app_name = "people"
urlpatterns = [
    path("reveal/", reveal_views.reveal, name="reveal"),
]
