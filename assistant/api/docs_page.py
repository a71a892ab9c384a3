"""GET /docs and /openapi.json: the API's description, drawn by a Swagger UI that comes from this machine."""

from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

_FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"})
_FOLDER = "/docs/swagger-ui"
# The newest Swagger UI that is packaged (4.15.5) draws nothing of OpenAPI 3.1.
OPENAPI_VERSION = "3.0.3"


def add_docs(app: FastAPI) -> None:
    """Serve the description and the page that draws it."""
    app.openapi_version = OPENAPI_VERSION

    async def description(_: Request) -> Response:
        return JSONResponse(as_openapi_3_0(app.openapi()))

    async def page(_: Request) -> Response:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{app.title}: API",
            swagger_js_url=f"{_FOLDER}/swagger-ui-bundle.js",
            swagger_css_url=f"{_FOLDER}/swagger-ui.css",
            swagger_favicon_url=f"{_FOLDER}/favicon-32x32.png",
            # Swagger would send the description to validator.swagger.io otherwise.
            swagger_ui_parameters={"validatorUrl": None},
        )

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            raise HTTPException(404)
        # Loaded here, since only a reader of the page needs it.
        folder: Path = import_module("swagger_ui_bundle").swagger_ui_path
        return FileResponse(folder / name)

    app.add_route("/openapi.json", description, include_in_schema=False)
    app.add_route("/docs", page, include_in_schema=False)
    app.add_route(f"{_FOLDER}/{{name}}", file, include_in_schema=False)


def as_openapi_3_0(schema: Any) -> Any:
    """A description in the words of OpenAPI 3.0: `nullable` for null, one example for several, enum for const."""
    if isinstance(schema, list):
        return [as_openapi_3_0(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: as_openapi_3_0(value) for name, value in schema.items()}
    if changed.get("type") == "null":
        del changed["type"]
        changed |= {"nullable": True, "enum": [None]}
    if "const" in changed:
        changed["enum"] = [changed.pop("const")]
    if isinstance(changed.get("examples"), list):
        changed["example"] = changed.pop("examples")[0]
    choices = changed.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in schema["anyOf"]:
        del changed["anyOf"]
        left = [one for one in choices if not one.get("nullable")]
        changed |= {"nullable": True, **(left[0] if len(left) == 1 and "$ref" not in left[0] else {"anyOf": left})}
    return changed
