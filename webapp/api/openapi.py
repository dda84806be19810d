"""The OpenAPI document, made of what the operations say about themselves."""
from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from threading import Lock
from typing import Any

import flask_smorest
from flask import Flask, Response, current_app, json, request
from flask_smorest.utils import prepare_response
from marshmallow import Schema, fields

from webapp.api.resource import PROBLEM, Resource
from webapp.identity.sessions import COOKIE

TITLE = "并联审批开放接口 Binglian open API"
VERSION = "1.0.0"
DESCRIPTION = """\
工程建设项目并联审批平台的开放接口：页面上能办的，接口都能办，权限规则相同。

机器用令牌访问：`Authorization: Bearer bl_…`，令牌在“我的账号”中申请，按用途（read、write）限定。
出错的回答依照 RFC 9457（`application/problem+json`）：`code` 供程序判断，`detail` 是给人看的一句话，`errors` 逐项说明。
看不到的内容与不存在的内容回答相同。列表用 `page`、`per_page`（最多 100）翻页。
新建类请求可以带 `Idempotency-Key`，24 小时内重发不会重复办理。

Everything the pages do, under the same policy. Machines send a bearer token made under “My account”; its scopes are
read and write. Errors are RFC 9457 problems. What you may not see answers like what is missing. Lists are paged with
`page` and `per_page` (at most 100). Requests that create take an `Idempotency-Key`, kept for 24 hours.
"""
SETTINGS = {
    "API_TITLE": TITLE, "API_VERSION": VERSION, "OPENAPI_VERSION": "3.1.0", "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
}


class ProblemSchema(Schema):
    """What every error answers (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "about:blank"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "供程序判断。For programs."})
    detail = fields.String(required=True, metadata={"description": "给人看的一句话。A sentence for people."})
    number = fields.String(metadata={"description": "反映问题时说明的编号。What to quote when asking for help."})
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()),
        metadata={"description": "字段 → 哪里有误。Field → what is wrong with it."},
    )
    findings = fields.List(fields.Dict(), metadata={"description": "流程文件中的问题。Faults of a process file."})


class OpenApi(flask_smorest.Api):
    """flask-smorest's Api with our problems as errors; `webapp.errors` answers them (and keeps Allow of a 405)."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._resources: list[Resource] = []  # not in the document yet
        self._writing = Lock()
        app.config.update(SETTINGS)
        app.json.ensure_ascii = app.json.sort_keys = False  # answers as people read them
        super().__init__(app, spec_kwargs={
            "info": {"description": DESCRIPTION}, "servers": [{"url": "/"}],
        })
        schemes = self.spec.components
        schemes.security_scheme("token", {"type": "http", "scheme": "bearer"})
        schemes.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": COOKIE})

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                response = {"description": status.phrase, "schema": self.ERROR_SCHEMA}
                prepare_response(response, self.spec, PROBLEM)
                self.spec.components.response(status.name, response, lazy=True)

    def add(self, resource: Resource) -> None:
        """Register a resource in the application. The document is written when somebody asks for it."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][resource.name] = self
        self._app.register_blueprint(resource)
        self._resources.append(resource)

    @property
    def document(self) -> dict[str, Any]:
        with self._writing:
            while self._resources:
                resource = self._resources.pop(0)
                resource.register_views_in_doc(self, self._app, self.spec, name=resource.name, parameters=None)
                self.spec.tag({"name": resource.tag, "description": resource.description})
        return self.spec.to_dict()

    @cached_property
    def _written(self) -> bytes:
        return json.dumps(self.document, indent=1, sort_keys=False, ensure_ascii=False).encode()

    def _openapi_json(self) -> Response:
        response = current_app.response_class(self._written, mimetype="application/json")
        response.add_etag()
        return response.make_conditional(request)
