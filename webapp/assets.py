"""The front end's files: vite names them by their content, its manifest says how."""

import json
import logging
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

DIST = Path(__file__).parent / "static" / "dist"
BASE = "/static/dist/"

log = logging.getLogger(__name__)


@lru_cache(maxsize=2)
def _manifest(path: Path, _modified: int) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def asset(entry: str, dist: Path = DIST) -> Markup:
    """The tags that load an entry (`app`, `boards`, `workbench`, `swagger`): its style sheets, its script, and what that imports."""
    path = dist / ".vite" / "manifest.json"
    try:
        manifest = _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        log.warning("The front end is not built, pages have no look: run `make setup`")
        return Markup()
    chunk = manifest[f"src/{entry}.js"]
    imports = [manifest[name] for name in _imports(manifest, chunk)]
    styles = dict.fromkeys(css for part in [*imports, chunk] for css in part.get("css", ()))
    return Markup("\n").join(
        [Markup('<link rel="stylesheet" href="{}">').format(BASE + css) for css in styles]
        + [Markup('<link rel="modulepreload" href="{}">').format(BASE + part["file"]) for part in imports]
        + [Markup('<script type="module" src="{}"></script>').format(BASE + chunk["file"])]
    )


def _imports(manifest: dict, chunk: dict) -> list[str]:
    """Names of all chunks a chunk imports, the deepest first."""
    names: dict[str, None] = {}

    def visit(part: dict) -> None:
        for name in part.get("imports", ()):
            if name not in names:
                visit(manifest[name])
                names[name] = None

    visit(chunk)
    return list(names)
