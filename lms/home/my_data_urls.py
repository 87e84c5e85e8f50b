from django.urls import path

from lms.home import my_data_views as views

app_name = "my_data"
urlpatterns = [
    path("", views.index, name="index"),
    path("kept/<slug:name>/", views.section, name="section"),
    path("phone/", views.phone, name="phone"),
    path("phone/code/", views.phone_code, name="phone_code"),
    path("correct/", views.correct, name="correct"),
    path("export/", views.export, name="export"),
    path("erase/", views.erase, name="erase"),
    path("erased/", views.erased, name="erased"),
]
