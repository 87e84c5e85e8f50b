"""The way from Wagtail's admin to the help, in place of Wagtail's own, which leads to its sites."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


@hooks.register("register_admin_menu_item")
def help_item() -> MenuItem:
    url = reverse_lazy("home:help_article", args=["curator"])
    return MenuItem(_("Help"), url, name="site-help", icon_name="help", order=11000)
