from django.urls import path

from lms.watching import void_views

app_name = "watching_people"
urlpatterns = [
    path("<int:pk>/watching/", void_views.person_sessions, name="sessions"),
    path("<int:pk>/watching/<uuid:session>/", void_views.session_void, name="void"),
]
