from django.urls import path

from cms.programme import activity_views, handbill_views, import_views, menu_views, programme_views

app_name = "programme"
urlpatterns = [
    path("menus/", menu_views.menu_list, name="menus"),
    path("menus/<int:pk>/", menu_views.menu, name="menu"),
    path("menus/<int:pk>/notice/", handbill_views.menu_handbill, name="menu_handbill"),
    path("programmes/", programme_views.programme_list, name="programmes"),
    path("programmes/<int:pk>/", programme_views.programme, name="programme"),
    path(
        "programmes/<int:pk>/notice/", handbill_views.programme_handbill, name="programme_handbill"
    ),
    path("programmes/<int:pk>/play/", programme_views.play, name="play"),
    path("activities/", activity_views.activity_list, name="activities"),
    path("activities/new/", activity_views.activity_new, name="activity_new"),
    path("activities/<int:pk>/", activity_views.activity, name="activity"),
    path("activities/figures/", activity_views.activity_figures, name="figures"),
    path("activities/import/", import_views.activity_import, name="import"),
    path("activities/import/<uuid:key>/", import_views.import_detail, name="import_detail"),
    path("activities/template/", import_views.import_template, name="template"),
]
