from django.urls import path

from lms.reports import class_views, views

app_name = "reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("missing/", views.missing, name="missing"),
    path("rows/", views.rows, name="rows"),
    path("lectures/", views.lectures, name="lectures"),
    path("classes/", class_views.classes, name="classes"),
    path("classes/<int:pk>/", class_views.one_class, name="class"),
    path("classes/<int:pk>/missing/", class_views.class_lacking, name="class_missing"),
]
