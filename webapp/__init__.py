"""The site: Django project and apps. Importing it makes our Celery app the current one."""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
