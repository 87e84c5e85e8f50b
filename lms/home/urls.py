from django.urls import path

from lms.home import help, views

app_name = "home"
urlpatterns = [
    path("", views.index, name="index"),
    path("learning/", views.learning, name="learning"),
    path("me/", views.me, name="me"),
    path("privacy/", views.privacy, name="privacy"),
    path("help/", help.index, name="help"),
    path("help/<slug:slug>/", help.article, name="help_article"),
    path("elder/", views.elder, name="elder"),
    path("healthz", views.healthz, name="healthz"),
]
