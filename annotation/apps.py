from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnotationConfig(AppConfig):
    name = "annotation"
    verbose_name = _("Annotation")

    def ready(self) -> None:
        from annotation.services.workers import personal_data
        from webapp.accounts.personal_data import personal_data_register

        personal_data_register("annotation", export=personal_data.user_export, erase=personal_data.user_erase)
