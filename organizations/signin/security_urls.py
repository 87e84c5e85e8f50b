"""登录与安全: sessions, factors, the second step of signing in."""

from django.urls import path

from organizations.signin import security_views as views
from organizations.signin.second_factor import removal_views
from organizations.signin.second_factor import views as factors

app_name = "security"
urlpatterns = [
    path("", views.index, name="index"),
    path("end/", views.end, name="end"),
    path("challenge/", factors.challenge, name="challenge"),
    path("challenge/message/", factors.challenge_message, name="challenge_message"),
    path("challenge/done/", factors.challenge_done, name="challenge_done"),
    path("confirm/", factors.confirm, name="confirm"),
    path("set-up/", factors.set_up, name="set_up"),
    path("people/<int:pk>/", removal_views.person_factors, name="person_factors"),
]
