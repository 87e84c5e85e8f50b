from django.urls import path

from lms.watching import check_views

app_name = "viewing_checks"
urlpatterns = [
    path("", check_views.checks, name="list"),
    path("<int:pk>/", check_views.check, name="detail"),
]
