"""The house's own source, read as trees."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bpmn", "engine", "gis", "parallel", "integrations", "webapp")
NOT_OURS = {"node_modules", "__pycache__", "static"}


@dataclass(frozen=True)
class Import:
    file: str  # from the root, such as parallel/cases/models.py
    line: int
    module: str
    level: int  # of a relative import
    inside: bool  # a function, not the module

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def files(room: str) -> Iterator[Path]:
    for path in sorted((ROOT / room).rglob("*.py")):
        if not NOT_OURS & set(path.parts):
            yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(room: str) -> Iterator[Import]:
    for path in files(room):
        yield from _imports(path, tree(path), inside=False)


def _imports(path: Path, node: ast.AST, inside: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(name_of(path), child.lineno, alias.name, 0, inside)
        elif isinstance(child, ast.ImportFrom):
            yield from _from(path, child, inside)
        deeper = inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _imports(path, child, deeper)


def _from(path: Path, node: ast.ImportFrom, inside: bool) -> Iterator[Import]:
    """`from parallel.cases import models` reaches parallel.cases.models, where that is a module."""
    for alias in node.names:
        module = f"{node.module or ''}.{alias.name}"
        is_module = (ROOT / module.replace(".", "/")).with_suffix(".py").exists() or (ROOT / module.replace(".", "/")).is_dir()
        yield Import(name_of(path), node.lineno, module if is_module else node.module or "", node.level, inside)
