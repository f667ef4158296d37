"""The house rules that a machine can check, read off the syntax trees."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "anatomy_mocap"
MODULES = sorted(PACKAGE.rglob("*.py"))
TOOLS = [ROOT / "build.py", *sorted((ROOT / "buildtools").glob("*.py"))]
BLENDER_MODULES = {
    "bpy",
    "bpy_extras",
    "bpy_types",
    "mathutils",
    "bmesh",
    "gpu",
    "gpu_extras",
    "blf",
    "addon_utils",
    "io_scene_gltf2",
}
MODULE_LINES = 350
FUNCTION_LINES = 60


class Rule(NamedTuple):
    """What the modules of one area may import."""

    inside: set[str]
    """Areas of the package, or single modules of an area."""
    outside: set[str]
    """Packages that are not in the standard library."""


# While the rooms move, what stands below blender/ may import each other; the ordered list comes with the last move.
_BELOW = {"core", "bone_maps", "sources", "inference", "maths", "networks", "people", "lifting", "fitting", "animation",
          "rigs", "retargeting"}
_MATHS = {"numpy", "scipy", "threadpoolctl"}
# The area "" is the modules at the package's top: pipeline, cli and their like.
RULES = {
    **{name: Rule(_BELOW, _MATHS) for name in _BELOW},
    "sources": Rule({"sources", "core", "maths"}, {"numpy", "av"}),
    "inference": Rule(_BELOW, _MATHS | {"onnxruntime"}),
    "networks": Rule({"networks", "core"}, _MATHS | {"onnxruntime"}),
    "": Rule({"", *_BELOW}, {"numpy"}),
    "blender": Rule({"", "blender", *_BELOW}, {"numpy", "scipy", *BLENDER_MODULES}),
    "training": Rule({"training", "pipeline", *_BELOW}, {"numpy", "scipy", "torch", "onnx", "onnxruntime"}),
}
# Modules at the top that may reach into blender/, and only inside a function: the core is to be imported without bpy.
LAZY_BLENDER = {"", "cli", "info", "__main__"}
# The one module of training/ that draws with Blender, and only inside a function; Pillow likewise where one draws.
LAZY_OUTSIDE = {"": BLENDER_MODULES, "training.render.scene": BLENDER_MODULES, "training.render.sheet": {"PIL"},
                "training.pictures": {"PIL"}}


class Found(NamedTuple):
    """One import statement's target."""

    module: str
    """Dotted path; inside the package relative to it ("core.errors", "" for the package itself)."""
    inside: bool
    at_top: bool
    """Whether it runs when the module is imported."""
    line: int


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(path: Path) -> str:
    """The module's path in the package: "core.errors", "core" for core/__init__.py, "" for the package's own."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def area(module: str) -> str:
    head = module.partition(".")[0]
    return head if head in RULES else ""


def imports(path: Path) -> Iterator[Found]:
    """Every import of a module, type-checking ones included."""
    parsed = tree(path)
    in_functions = {
        id(node)
        for function in ast.walk(parsed)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    here = path.relative_to(PACKAGE).with_suffix("").parts[:-1]
    for node in ast.walk(parsed):
        at_top = id(node) not in in_functions
        if isinstance(node, ast.Import):
            yield from (Found(alias.name, False, at_top, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Found(node.module or "", False, at_top, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1], *((node.module or "").split(".") if node.module else [])]
            for alias in node.names:
                full = ".".join([*base, alias.name])
                exists = (PACKAGE / Path(*full.split("."))).with_suffix(".py").exists() or is_package(full)
                yield Found(full if exists else ".".join(base), True, at_top, node.lineno)


def is_package(module: str) -> bool:
    return (PACKAGE / Path(*module.split(".")) / "__init__.py").exists()


def problems_of(path: Path) -> Iterator[str]:
    module = dotted(path)
    rule = RULES[area(module)]
    for found in imports(path):
        where = f"{path.relative_to(ROOT)}:{found.line}: "
        head = found.module.partition(".")[0]
        if not found.inside:
            lazy = head in LAZY_OUTSIDE.get(module, ()) and not found.at_top
            if head == "anatomy_mocap":
                yield where + "absolute import of the package, which is staged under another name"
            elif head not in sys.stdlib_module_names and head not in rule.outside and not lazy:
                yield where + f"imports {head}"
        elif area(found.module) == "blender" and area(module) == "":
            if module not in LAZY_BLENDER or found.at_top:
                yield where + "imports blender/ other than inside a function of cli or info"
        elif area(found.module) not in rule.inside and found.module not in rule.inside:
            yield where + f"imports {found.module}"


def test_import_rules():
    assert MODULES
    assert not [problem for path in MODULES for problem in problems_of(path)]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("core/x.py", "import bpy"),
        ("core/x.py", "from ..blender import keyframes"),
        ("core/x.py", "from anatomy_mocap.core import errors"),
        ("sources/x.py", "import onnxruntime"),
        ("inference/x.py", "import torch"),
        ("pipeline_x.py", "from .blender import keyframes"),
        ("cli.py", "from .blender import keyframes"),
        ("blender/x.py", "from ..training import model"),
        ("bone_maps/x.py", "from ..blender import armature"),
        ("training/x.py", "import bpy"),
    ],
)
def test_import_rules_notice(place, line, tmp_path, monkeypatch):
    """Each rule is able to fail."""
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(line + "\n")
    assert list(problems_of(path))
    lazy = "def run():\n    " + line + "\n"
    path.write_text(lazy)
    assert bool(list(problems_of(path))) == (place != "cli.py")


def test_bone_map_tables_are_tables():
    """A rig convention is data: its module imports nothing, and the registry finds it."""
    folder = PACKAGE / "bone_maps" / "conventions"
    tables = [path for path in folder.glob("*.py") if path.stem not in ("__init__", "registry")]
    assert len(tables) >= 49
    assert not [path.stem for path in tables for found in imports(path) if found.module != "__future__"]


def test_video_alone_imports_av():
    users = {dotted(path) for path in MODULES for found in imports(path) if found.module.partition(".")[0] == "av"}
    assert users == {"sources.video"}


def test_modules_and_functions_are_short():
    long = []
    for path in MODULES + TOOLS:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MODULE_LINES:
            long.append(f"{path.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES:
                long.append(
                    f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
                )
    assert not long


def test_public_names_have_docstrings():
    bare = []
    for path in MODULES + TOOLS:
        parsed = tree(path)
        named = [node for node in parsed.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        public = [node for node in named if not node.name.startswith("_")]
        bare += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}" for node in public if not ast.get_docstring(node)
        ]
        if parsed.body and not ast.get_docstring(parsed):
            bare.append(f"{path.relative_to(ROOT)}: the module")
    assert not bare


def test_nothing_is_left_unfinished():
    mark = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b")
    found = [path for path in MODULES + TOOLS if mark.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_no_file_names_a_machine_or_a_registry():
    """No absolute path of somebody's machine and no package registry's host in what the extension is made of."""
    pattern = re.compile(r"/(ho" r"me|ro" r"ot|Users)/\w|py" r"pi\.org|python" r"hosted")
    texts = (
        MODULES + TOOLS + [ROOT / name for name in ("pyproject.toml", "blender_manifest.toml", ".ci/run", "README.md")]
    )
    assert not [str(path) for path in texts if pattern.search(path.read_text(encoding="utf-8"))]


def test_ruff_passes():
    pytest.importorskip("ruff")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
