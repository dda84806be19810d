"""Looking at and downloading materials. What a stranger handed in never runs here: sandboxed, and its kind not guessed."""
from __future__ import annotations

from datetime import datetime
from io import BytesIO

from flask import Response, request, send_file

from parallel.materials.models import Material
from parallel.materials.queries import record_access
from webapp.storage import storage

INLINE = frozenset({"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp"})
# No script, no form, no plugin, nothing fetched; style for the browser's own PDF and picture pages.
SANDBOX = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
UNKNOWN = "application/octet-stream"


def is_shown_inline(material: Material | None) -> bool:
    """Whether browsers can show it: a PDF or a picture. The rest is downloaded."""
    return material is not None and material.file is not None and material.file.media_type in INLINE


def answer(material: Material, *, download: bool) -> Response:
    """The file itself; one that no browser shows is always an attachment."""
    inline = is_shown_inline(material) and not download
    response = send_file(
        BytesIO(storage().get(material.file.sha256)), as_attachment=not inline, etag=False,
        mimetype=material.file.media_type if is_shown_inline(material) else UNKNOWN,
        download_name=material.file_name or material.name,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


def note_access(material: Material, *, download: bool, by: str, at: datetime) -> None:
    """痕迹 (EDOC-4). A browser that asks for the rest of a file, or for its head, has been noted already."""
    if request.method == "GET" and "Range" not in request.headers:
        record_access(material, "download" if download else "view", by, at)
