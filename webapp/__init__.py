"""The site: Django project and apps. Importing it makes the Celery app current, so that jobs reach our broker."""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
