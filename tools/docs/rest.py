"""The reference of the REST API, from the OpenAPI schema that the site serves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tools.docs.markdown import cell, table

Schema = Mapping[str, Any]
INTRO = """# REST API

Generated from the OpenAPI schema that a running site serves at `/api/v1/schema/`; `/api/v1/docs/` on your site has the
same with forms to try it out.

* **Authentication.** Public endpoints need none. Operators send `Authorization: Bearer KEY` with an API token
  (`manage.py create_operator NAME --token NAME` prints one), or use the session of the browser.
* **Errors** are `application/problem+json` and name the field: `{"status": 400, "errors": [{"field", "message"}]}` (see
  [Problem](#problem)). 429 carries `Retry-After`.
* **Pages.** Lists that grow are paged by `cursor`; follow `next` until it is `null`.

A search with curl, against the demo:

```bash
curl -s http://127.0.0.1:8000/api/v1/search -H 'Content-Type: application/json' -d '{
  "sketch": {"width": 256, "height": 256,
             "strokes": [[[60, 40, 0], [60, 210, 300]], [[60, 130, 500], [180, 130, 800], [180, 210, 1000]]]},
  "k": 3}'
```

"""
METHODS = ("get", "post", "put", "patch", "delete")


def rest_page(schema: Schema) -> str:
    """Return operations by tag, then the objects that they take and return."""
    by_tag: dict[str, list[tuple[str, str, Schema]]] = defaultdict(list)
    for path, item in schema["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                by_tag[operation["tags"][0]].append((path, method, operation))
    parts = [INTRO]
    for tag in sorted(by_tag):
        parts.append(f"## {tag.capitalize()}\n")
        parts += [_operation(path, method, operation) for path, method, operation in by_tag[tag]]
    parts.append("## Objects\n")
    components = schema["components"]["schemas"]
    parts += [_object(name, components[name]) for name in sorted(components)]
    return "\n".join(parts)


def _operation(path: str, method: str, operation: Schema) -> str:
    parts = [f"### `{method.upper()} {path}`\n", f"{operation.get('description', '').strip()}\n"]
    parts.append(f"*{_access(operation)}*\n")
    if found := operation.get("parameters"):
        rows = [
            [f"`{each['name']}`", each["in"], _type(each["schema"]), cell(each.get("description", ""))]
            for each in found
        ]
        parts.append(table(["parameter", "in", "type", "meaning"], rows))
    bodies = operation.get("requestBody", {}).get("content", {})
    for kind, body in bodies.items():
        parts.append(f"Body (`{kind}`): {_type(body['schema'])}\n")
        if kind == "application/json":
            break
    rows = []
    for status, answer in sorted(operation["responses"].items()):
        kinds = answer.get("content", {})
        if set(kinds) == {"application/problem+json"} and not answer.get("description"):
            continue  # any operation may answer with it
        what = ", ".join(dict.fromkeys(_type(each.get("schema", {})) for each in kinds.values())) or "no body"
        rows.append([status, what, cell(answer.get("description", ""))])
    parts.append(table(["status", "answer", "meaning"], rows))
    return "\n".join(parts)


def _access(operation: Schema) -> str:
    security = operation.get("security", [{}])
    if {} in security:
        return "No sign-in needed."
    return "Needs one of: " + ", ".join(dict.fromkeys(name for each in security for name in each)) + "."


def _object(name: str, schema: Schema) -> str:
    parts = [f"### {name}\n"]
    if text := schema.get("description", "").strip():
        parts.append(f"{text}\n")
    required = set(schema.get("required", ()))
    rows = []
    for field, of in schema.get("properties", {}).items():
        default = f"default `{json.dumps(of['default'])}`" if "default" in of else ""
        needed = "required" if field in required else default
        rows.append([f"`{field}`", _type(of), needed, cell(of.get("description", of.get("title", "")))])
    if rows:
        parts.append(table(["field", "type", "", "meaning"], rows))
    elif "enum" in schema:
        parts.append(_type(schema) + "\n")
    return "\n".join(parts)


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return " or ".join(_type(each) for each in schema[key])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("format") or schema.get("type") or "any"
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "at least"), ("maximum", "at most"))
        if key in schema
    ]
    shown = ", ".join([str(kind), *bounds])
    return f"{shown} or null" if schema.get("nullable") else shown
