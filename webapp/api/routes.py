"""The room of the REST API: the Swagger page, and every resource of `resources/` with its operations.

To add a subject, add one file there with a `resource`.
"""
from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from flask import Blueprint, Flask, render_template, url_for

from webapp.api import resources
from webapp.api.openapi import OpenApi
from webapp.policy import permit


class Room(Blueprint):
    """Registers the resources with itself."""

    def register(self, app: Flask, options: dict[str, Any]) -> None:
        super().register(app, options)
        api = OpenApi(app)
        for module in sorted(pkgutil.iter_modules(resources.__path__), key=lambda module: module.name):
            api.add(importlib.import_module(f"{resources.__name__}.{module.name}").resource)


blueprint = Room("api", __name__)


@blueprint.get("/api/docs")
@permit("public")
def docs() -> str:
    return render_template("base/api_docs.html", spec_url=url_for("api-docs.openapi_json"))
