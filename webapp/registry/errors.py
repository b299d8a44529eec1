"""Errors of the registry over REST."""

from __future__ import annotations

from rest_framework import exceptions, status


class RegistryConflictError(exceptions.APIException):
    """409: the state of a release, model or run forbids it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
