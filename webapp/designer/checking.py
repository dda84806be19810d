"""An uploaded file between the upload and the deployment: kept, judged, drawn."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

import bpmn
from bpmn import Element, Finding, ProcessRefused
from bpmn.source import MAX_BYTES, read_source
from engine.api import operation_names
from webapp.diagrams.planes import drawing_of
from webapp.errors import NotFound
from webapp.storage import storage


@dataclass(frozen=True)
class CheckedFile:
    """A file that somebody handed in. Its address is signed: nobody reads other stored files through it."""

    source: bytes
    name: str
    token: str

    @cached_property
    def findings(self) -> list[Finding]:
        """Errors first, then by line."""
        return bpmn.check_file(self.source, operations=operation_names())

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @cached_property
    def drawing(self) -> bytes | None:
        """The file as a viewer may show it, laid out where it has no diagram; None where it cannot be drawn."""
        try:
            return drawing_of(self.source, None)
        except ProcessRefused:
            return None

    @property
    def elements(self) -> dict[str, Element]:
        """Of the file's processes, when it can be read."""
        try:
            parsed = bpmn.parse(self.source, operations=operation_names())
        except ProcessRefused:
            return {}
        return {key: element for process in parsed.processes.values() for key, element in process.elements.items()}

    @cached_property
    def drawn_ids(self) -> set[str]:
        """Ids that are in the file at all: a finding about one of these can be shown on the diagram."""
        try:
            root = read_source(self.source)
        except ProcessRefused:
            return set()
        return {element.get("id") for element in root.iter() if isinstance(element.tag, str) and element.get("id")}

    def by_element(self) -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            if finding.element_id in self.drawn_ids:
                found[finding.element_id].append(finding)
        return found


def keep(source: bytes, name: str) -> CheckedFile:
    """Put an uploaded file where it is found again, whatever is wrong with it. Too large a file is judged, not kept."""
    name = PurePath(name.replace("\\", "/")).name[:150] or "process.bpmn"
    if not source or len(source) > MAX_BYTES:
        return CheckedFile(source, name, "")
    return CheckedFile(source, name, _serializer().dumps([storage().put(source).sha256, name]))


def kept(token: str) -> CheckedFile:
    try:
        sha256, name = _serializer().loads(token)
    except BadSignature:
        raise NotFound from None
    return CheckedFile(storage().get(sha256), name, token)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt="designer.checked")
