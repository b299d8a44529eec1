from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "webapp.catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from webapp.catalog.changes import watch
        from webapp.catalog.models import Category, Photo, Product, WordCorrection

        for model in (Category, Product, Photo, WordCorrection):
            watch(model)
