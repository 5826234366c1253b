"""A plain list of the endpoints, made from the OpenAPI document: no script, nothing from a network."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

router = APIRouter(include_in_schema=False)

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ document.info.title }} API</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>
<body>
<h1>{{ document.info.title }} API {{ document.info.version }}</h1>
<p>{{ document.info.description }}</p>
<p><a href="/">Start page</a> · <a href="/openapi.json">OpenAPI document</a></p>
<dl>
{% for path, operations in document.paths.items() %}
{% for method, operation in operations.items() %}
<dt><code>{{ method | upper }} {{ path }}</code></dt>
<dd>{{ operation.summary }}
{% set query = operation.parameters | default([]) | selectattr("in", "equalto", "query") | list %}
{% if query %}
<br>Query: {% for one in query %}<code>{{ one.name }}</code>{{ ", " if not loop.last }}{% endfor %}
{% endif %}
</dd>
{% endfor %}
{% endfor %}
</dl>
</body>
</html>
""")


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE.render(document=request.app.openapi()))
