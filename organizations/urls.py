"""Signing in and out. Accounts are issued, so there is no way to register or reset alone."""

from allauth.account import views
from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("password/", views.password_change, name="account_change_password"),
    # allauth's sign-in view asks for these names.
    path("signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path(
        "reset/",
        RedirectView.as_view(pattern_name="account_login"),
        name="account_reset_password",
    ),
]
