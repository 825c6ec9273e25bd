"""Documentation of the REST API, rendered from its OpenAPI document without third-party scripts or styles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response

from parkqa.web import render
from parkqa.web.api.schemas import openapi
from parkqa.web.pages.page import address, language_of, page
from parkqa.web.responses import reply


def router(root: str, public: str) -> APIRouter:
    """Return the routes ``/api/openapi.json`` and ``/api/docs``.

    ``root`` is the path prefix; ``public`` is the server's public URL, or "" to use that of the request.
    """
    routes = APIRouter()

    @routes.get("/api/openapi.json")
    async def schema(request: Request) -> Response:
        return reply(openapi(address(request, public)))

    @routes.get("/api/docs")
    async def docs(request: Request) -> Response:
        document = openapi(address(request, public))
        body = render.api(document, list(operations(document)), root, language_of(request))
        return page(request, root, "REST API", body)

    return routes


def operations(document: dict[str, Any]) -> Iterator[render.OperationView]:
    """Yield the view of each operation of an OpenAPI document, in its order."""
    schemas, server = document["components"]["schemas"], document["servers"][0]["url"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            request = operation.get("requestBody", {}).get("content", {}).get("application/json")
            done = operation["responses"]["200"]["content"]["application/json"]
            yield render.OperationView(
                method=method.upper(),
                path=path,
                name=operation["operationId"],
                summary=_pair(operation["summary"]),
                command=_command(method, server + path, request),
                takes=_fields(schemas, request["schema"]) if request else (),
                gives=_fields(schemas, done["schema"]),
                example=_pretty(done["example"]),
                errors=tuple(
                    (status, *_pair(answer["description"]))
                    for status, answer in operation["responses"].items()
                    if status != "200"
                ),
            )


def _command(method: str, address: str, request: dict[str, Any] | None) -> str:
    if request is None:
        return f"curl {address}"
    # Single quotes are safe here: no example contains one.
    body = json.dumps(request["example"], ensure_ascii=False)
    return f"curl -X {method.upper()} {address} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"


def _fields(schemas: dict[str, Any], schema: dict[str, Any], indent: int = 0) -> tuple[render.FieldView, ...]:
    """Return the fields of an object; those of each array of objects follow the first of its kind, indented."""
    model = schemas[schema["$ref"].rpartition("/")[2]]
    required = model.get("required", ())
    fields: list[render.FieldView] = []
    shown: set[str] = set()
    for name, field in model["properties"].items():
        zh, en = _pair(field["description"])
        fields.append(render.FieldView(name, _kind(field), name in required, zh, en, indent))
        inner = field.get("items", {}).get("$ref", "")
        if inner and inner not in shown:
            shown.add(inner)
            fields += _fields(schemas, field["items"], indent + 1)
    return tuple(fields)


def _kind(field: dict[str, Any]) -> str:
    """Return a short notation of a field's JSON type."""
    if "enum" in field:
        return " | ".join(json.dumps(value) for value in field["enum"])
    if "anyOf" in field:
        return " | ".join(_kind(choice) for choice in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"].rpartition("/")[2])
    if "prefixItems" in field:
        return f"[{', '.join(_kind(item) for item in field['prefixItems'])}]"
    if field["type"] == "array":
        return f"{_kind(field['items'])}[]"
    return str(field["type"])


def _pair(text: str) -> tuple[str, str]:
    zh, _, en = text.partition(" / ")
    return zh, en


def _pretty(example: object) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
