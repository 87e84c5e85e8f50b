from django.apps import AppConfig


class WeComConfig(AppConfig):
    name = "organizations.signin.wecom"
    label = "wecom"
