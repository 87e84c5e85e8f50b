from django.urls import path

from lms.classes import views

app_name = "classes"
urlpatterns = [
    path("", views.class_list, name="list"),
    path("<int:pk>/", views.class_detail, name="detail"),
    path("<int:pk>/progress/", views.class_progress, name="progress"),
]
