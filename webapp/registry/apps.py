from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "webapp.registry"
    verbose_name = _("Releases")

    def ready(self) -> None:
        from webapp.catalog.changes import catalogue_changed
        from webapp.registry.wake import release_follow_wake

        catalogue_changed.connect(release_follow_wake, dispatch_uid="follow the catalogue")
