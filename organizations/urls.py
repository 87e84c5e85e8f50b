"""Signing in and out, passwords, linked identities, one-time codes. Nobody registers alone."""

from allauth.account import views as allauth_views
from allauth.socialaccount import views as social_views
from django.urls import path
from django.views.generic import RedirectView

from organizations.signin import credential_views, first_views, oidc, views
from organizations.signin.second_factor.recent import recent_sign_in_required
from organizations.signin.wecom import views as wecom_views

to_login = RedirectView.as_view(pattern_name="account_login")

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("login/sms/", views.SmsRequestView.as_view(), name="account_request_login_code"),
    path("login/sms/code/", views.SmsConfirmView.as_view(), name="account_confirm_login_code"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("password/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("reset/", views.ForgottenView.as_view(), name="account_reset_password"),
    path("reset/new/", views.NewPasswordView.as_view(), name="account_reset_new"),
    path("first/", first_views.FirstView.as_view(), name="account_first"),
    path("first/password/", first_views.FirstPasswordView.as_view(), name="account_first_password"),
    path("credentials/", credential_views.issue, name="credential_issue"),
    path("credentials/slips/", credential_views.slips, name="credential_slips"),
    path("oidc/<slug:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("wecom/login/", wecom_views.login, name="wecom_login"),
    path("wecom/back/", wecom_views.callback, name="wecom_callback"),
    path(
        "linked/",
        recent_sign_in_required(views.LinkedView.as_view()),
        name="socialaccount_connections",
    ),
    path("linked/cancelled/", social_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("linked/error/", social_views.login_error, name="socialaccount_login_error"),
    # allauth asks for these names; nobody registers, and a password is set by a code.
    path("signup/", to_login, name="account_signup"),
    path("linked/signup/", to_login, name="socialaccount_signup"),
    path(
        "password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
]
