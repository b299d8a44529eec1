from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClicksConfig(AppConfig):
    name = "webapp.clicks"
    verbose_name = _("Clicks")

    def ready(self) -> None:
        from webapp.clicks.experiments.services import follow_releases

        follow_releases()
