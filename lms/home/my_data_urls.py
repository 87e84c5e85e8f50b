from django.urls import URLPattern

app_name = "my_data"
urlpatterns: list[URLPattern] = []
