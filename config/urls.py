"""All addresses of the site."""

from django.urls import include, path

from lms.home import views as home_views

urlpatterns = [
    path("", include("lms.home.urls")),
    path("accounts/security/factors/", include("organizations.signin.second_factor.urls")),
    path("accounts/security/", include("organizations.signin.security_urls")),
    path("accounts/", include("organizations.urls")),
    path("units/", include("organizations.units.urls")),
    path("people/", include("organizations.privacy.urls")),
    path("people/", include("organizations.people.urls")),
    path("people/", include("lms.watching.people_urls")),
    path("roster/", include("organizations.roster.urls")),
    path("audit/", include("organizations.auditing.urls")),
    path("inbox/", include("lms.home.inbox_urls")),
    path("me/data/", include("lms.home.my_data_urls")),
    path("admin/", include("cms.admin_urls")),
    path("review/", include("cms.review.urls")),
    path("classes/", include("lms.classes.urls")),
    path("reports/", include("lms.reports.urls")),
    path("watch/", include("lms.watching.urls")),
    path("viewings/", include("lms.watching.check_urls")),
    path("tv/", include("lms.gatherings.screen_urls")),
    path("", include("lms.gatherings.urls")),
    path("", include("lms.ledger.urls")),
    path("v/", include("media_pipeline.urls")),
    path("api/v1/", include("cms.sharing.api_urls")),
    path("", include("cms.programme.urls")),
    path("", include("cms.enquiries.urls")),
    path("", include("cms.urls")),
    path("library/", include("cms.library_urls")),
]

handler400 = home_views.bad_request
handler403 = home_views.permission_denied
handler404 = home_views.page_not_found
handler500 = home_views.server_error
