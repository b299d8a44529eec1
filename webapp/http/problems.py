"""Errors of the API as `application/problem+json` (RFC 9457), each naming the field that was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NotRequired, TypedDict

from asgiref.typing import ASGISendCallable
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions

from ml.errors import SketchfindError
from webapp.input.messages import message_text
from webapp.stores.full_disk import disk_is_full

CONTENT_TYPE = "application/problem+json"


class FieldError(TypedDict):
    field: str
    message: str


class Problem(TypedDict):
    """The body of every error answer; `field` is the first of `errors`."""

    type: str
    title: str
    status: int
    detail: str
    field: NotRequired[str]
    errors: list[FieldError]


class ConflictError(exceptions.APIException):
    """409: the request is valid, but conflicts with the current state."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class DatabaseUnavailableError(exceptions.APIException):
    """The database does not answer."""

    status_code = 503
    default_detail = "The database does not answer; try again in a moment."
    default_code = "database_unavailable"
    wait = 2


class StorageFullError(exceptions.APIException):
    """A disk of the site has no room."""

    status_code = 507
    default_detail = "The site's disk is full: nothing can be saved now. Try again later."
    default_code = "storage_full"
    wait = 300


def problem(status: int, detail: str, errors: list[FieldError] | None = None) -> Problem:
    """Return the body of an error answer with HTTP `status`."""
    body: Problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    if errors:
        body["field"] = errors[0]["field"]
    return body


def problem_of(error: Exception) -> Problem | None:
    """Return the body that describes `error`, or None if it is a server error."""
    if disk_is_full(error):
        error = StorageFullError()
    if isinstance(error, SketchfindError):
        message = message_text(error.template, error.values)
        return problem(400, f"{error.field}: {message}", [{"field": error.field, "message": message}])
    if isinstance(error, exceptions.ValidationError):
        errors = list(_field_errors(error.detail, ""))
        first = errors[0] if errors else {"field": "", "message": "invalid"}
        return problem(400, f"{first['field'] or 'request'}: {first['message']}", errors)
    if value_was_refused(error):
        return problem(
            400, "request: a value is out of range", [{"field": "request", "message": "out of range"}]
        )
    if isinstance(error, RequestDataTooBig):
        return problem(413, "body: more than the site accepts", [{"field": "body", "message": "too large"}])
    if isinstance(error, SuspiciousOperation | BadRequest):
        return problem(400, f"request: {error}", [{"field": "request", "message": str(error)}])
    if isinstance(error, InterfaceError | OperationalError):
        error = DatabaseUnavailableError()
    if isinstance(error, exceptions.APIException):
        return problem(error.status_code, str(error.detail))
    return None


def problem_response(status: int, detail: str) -> HttpResponse:
    """Return an error answer from outside the API framework, such as for an unknown path."""
    return problem_response_of(problem(status, detail))


def problem_response_of(body: Problem) -> HttpResponse:
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)


def value_was_refused(error: Exception) -> bool:
    """Return whether the database refused a value: beyond a column's range, or of a form that it cannot store."""
    of_sqlite = isinstance(error, OverflowError) and "SQLite" in str(error)  # which Django does not wrap
    return of_sqlite or isinstance(error, DataError)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _field_errors(detail: Any, path: str) -> Iterator[FieldError]:
    """Yield every message of a serializer's nested errors, with its path, such as `sketch.strokes[3]`."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            if key == "non_field_errors":
                yield from _field_errors(inner, path)
            elif isinstance(key, int):  # a list's errors by position
                yield from _field_errors(inner, f"{path}[{key}]")
            else:
                yield from _field_errors(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _field_errors(inner, f"{path}[{position}]" if nested else path)
    else:
        yield {"field": path, "message": str(detail)}


async def problem_send(
    send: ASGISendCallable, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> None:
    """Answer an ASGI HTTP request with a problem, before Django sees it."""
    body = json.dumps(problem(status, detail)).encode()
    all_headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(len(body)), **(headers or {})}
    raw = [(name.lower().encode(), value.encode()) for name, value in all_headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
