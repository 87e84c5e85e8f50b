from django.urls import path

from lms.classes import (
    enrol_views,
    handbill_views,
    import_views,
    item_views,
    plan_views,
    run_views,
    views,
)

app_name = "classes"
urlpatterns = [
    path("", views.class_list, name="list"),
    path("plans/", plan_views.plan_list, name="plans"),
    path("plans/new/", plan_views.plan_new, name="plan_new"),
    path("plans/<int:pk>/", plan_views.plan, name="plan"),
    path("plans/<int:pk>/edit/", plan_views.plan_edit, name="plan_edit"),
    path("plans/<int:pk>/items/", item_views.plan_items, name="plan_items"),
    path("plans/<int:pk>/items/<int:item>/", item_views.plan_item, name="plan_item"),
    path("plans/<int:pk>/coverage/", plan_views.plan_coverage, name="coverage"),
    path("plans/<int:pk>/runs/new/", run_views.run_new, name="run_new"),
    path("<int:pk>/", views.class_detail, name="detail"),
    path("<int:pk>/progress/", views.class_progress, name="progress"),
    path("<int:pk>/notice/", handbill_views.class_handbill, name="handbill"),
    path("<int:pk>/texts/<int:item>/", views.reading, name="reading"),
    path("<int:pk>/desk/", run_views.desk, name="desk"),
    path("<int:pk>/edit/", run_views.run_edit, name="run_edit"),
    path("<int:pk>/items/", item_views.run_items, name="items"),
    path("<int:pk>/items/<int:item>/", item_views.run_item, name="item"),
    path("<int:pk>/people/", enrol_views.people, name="people"),
    path("<int:pk>/enrol/", enrol_views.enrol_people, name="enrol"),
    path("<int:pk>/rule/", enrol_views.enrol_rule, name="rule"),
    path("<int:pk>/import/", import_views.enrol_import, name="import"),
    path("<int:pk>/import/<uuid:key>/", import_views.import_detail, name="import_detail"),
    path("<int:pk>/sessions/<int:item>/", enrol_views.session, name="session"),
]
