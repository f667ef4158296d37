"""Checks the rules of the code base on the syntax trees."""

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
TRAINING = ROOT / "training"
MODULES = sorted([*PACKAGE.rglob("*.py"), *TRAINING.rglob("*.py")])
TOOLS = [ROOT / "build.py", *sorted((ROOT / "buildtools").glob("*.py"))]
MODULE_LINES = 350
FUNCTION_LINES = 60
ROOM_MODULES = 14

ARRAYS = {"numpy", "scipy"}
BLENDER = {"bpy", "bpy_extras", "bpy_types", "mathutils", "bmesh", "gpu", "gpu_extras", "blf", "addon_utils",
           "io_scene_gltf2", "numpy", "scipy"}
TORCH = {"numpy", "scipy", "torch", "onnx", "onnxruntime"}


class Room(NamedTuple):
    """One stage of the data's way, or a module at a package's top."""

    name: str
    """Dotted path: a folder, a folder in it (blender.keys), or a module at the top (anatomy_mocap: its `__init__`)."""
    imports: str
    """The rooms, or single modules of them, that it may import; all of them stand above it in the list."""
    outside: set[str]
    """Packages beyond the standard library."""


# Data flows down this list; imports go up it.
ROOMS = [
    Room("maths", "", ARRAYS | {"threadpoolctl"}),
    Room("core", "maths", ARRAYS),
    Room("setting", "core", ARRAYS),
    Room("capture_settings", "core setting", ARRAYS),
    Room("settings", "core setting capture_settings", ARRAYS),
    Room("sources", "maths core settings", {"numpy", "av"}),
    Room("networks", "core", {"numpy", "onnxruntime"}),
    Room("rigs", "maths core", ARRAYS),
    Room("people", "maths core settings networks", ARRAYS),
    Room("lifting", "maths core networks", ARRAYS),
    Room("fitting", "maths core", ARRAYS),
    Room("scene_frames", "", ARRAYS),
    Room("touch", "maths core networks scene_frames", ARRAYS),
    Room("animation", "maths core touch", ARRAYS),
    Room("bone_maps", "maths core rigs", ARRAYS),
    Room("hands", "maths core networks rigs people.crop", ARRAYS),
    Room("retargeting", "maths core settings rigs animation.solve_rotations", ARRAYS),
    Room("sparse_keys", "maths core rigs", ARRAYS),
    Room("take_facts", "maths core scene_frames", ARRAYS),
    Room("take_settings", "core settings animation", set()),
    Room("measuring", "maths core scene_frames take_facts touch animation fitting.seen_body", ARRAYS),
    Room("one_world", "core fitting.floor_plane", ARRAYS),
    Room("pipeline", "maths core settings sources people lifting fitting touch take_facts one_world hands.look",
         ARRAYS),
    Room("blender.rigs", "maths core settings rigs bone_maps retargeting", BLENDER),
    Room("blender.keys", "maths core settings rigs bone_maps hands retargeting sparse_keys scene_frames blender.rigs",
         BLENDER),
    Room("blender.files", "maths core settings rigs blender.rigs", BLENDER),
    Room("blender.stage", "core", BLENDER),
    Room("blender", "maths core settings rigs touch animation bone_maps hands retargeting measuring sparse_keys "
                    "scene_frames take_facts take_settings pipeline blender.rigs blender.keys blender.files "
                    "blender.stage", BLENDER),
    Room("blender.ui", "maths core settings sources rigs animation bone_maps retargeting scene_frames take_facts "
                       "take_settings pipeline blender.rigs blender.keys blender.files blender.stage blender", BLENDER),
    Room("blender.entrances", "core settings blender.ui", BLENDER),
    Room("people_sheet", "core people sources", {"numpy"}),
    Room("info", "core settings sources touch animation take_facts take_settings blender", ARRAYS),
    Room("quality", "core settings animation take_settings measuring info blender", set()),
    Room("printing", "core", set()),
    Room("settings_options", "core settings", set()),
    Room("cli", "core settings touch take_facts take_settings pipeline blender info quality printing "
         "settings_options people_sheet", ARRAYS),
    Room("anatomy_mocap", "core settings pipeline blender blender.ui blender.entrances cli", set()),
    Room("__main__", "cli", set()),
]
# The product imports nothing of these; they import the product, and each other in this order.
PRODUCT = "maths core settings sources networks rigs people lifting fitting touch animation pipeline"
TRAINING_ROOMS = [
    Room("training.argument_checks", PRODUCT, TORCH),
    Room("training.options", "", set()),
    Room("training.metrics", PRODUCT, ARRAYS),
    Room("training.devices", f"{PRODUCT} training.options", TORCH),
    Room("training.mocap", f"{PRODUCT} training.argument_checks training.metrics", TORCH),
    Room("training.rendered_people", f"{PRODUCT} training.argument_checks training.options training.mocap", ARRAYS),
    Room("training.rendered_crowds", f"{PRODUCT} training.argument_checks training.options training.mocap "
                                     "training.rendered_people", ARRAYS | {"av"}),
    Room("training.simulate", f"{PRODUCT} training.argument_checks training.devices training.mocap "
                              "training.rendered_people", TORCH),
    Room("training.network", f"{PRODUCT} training.argument_checks training.options", TORCH),
    Room("training.train", f"{PRODUCT} training.argument_checks training.options training.devices training.mocap "
                           "training.simulate training.network", TORCH),
    Room("training.contacts", f"{PRODUCT} training.argument_checks training.options training.mocap training.simulate "
                              "training.network", TORCH),
    Room("training.measure", f"{PRODUCT} training.argument_checks training.options training.metrics training.mocap "
                             "training.simulate training.rendered_people training.network", TORCH),
    Room("training.paper", f"{PRODUCT} training.argument_checks training.options training.metrics training.devices "
                           "training.mocap training.simulate training.network training.train training.measure", TORCH),
    Room("training", f"{PRODUCT} training.argument_checks training.options training.mocap training.rendered_people "
                     "training.rendered_crowds training.network training.train training.contacts training.measure "
                     "training.paper", TORCH),
]
HOUSE = {room.name: room for room in ROOMS + TRAINING_ROOMS}
# blender/ is imported inside functions alone, so that everything else runs without Blender; and these outside
# packages by these modules alone, inside functions.
LAZY_ROOMS = {"anatomy_mocap", "info", "quality", "cli"}
LAZY_OUTSIDE = {"anatomy_mocap": {"bpy"}, "training.rendered_people.scene": BLENDER,
                "training.rendered_people.contact_sheet": {"PIL"},
                "training.rendered_crowds.crowd_sheet": {"PIL"}, "training.measure.pictures": {"PIL"}}


class Found(NamedTuple):
    """The target of one import statement."""

    module: str
    """Dotted path: of the product without its name ("core.errors"), of training with it, else as it stands."""
    inside: bool
    at_top: bool
    """Whether it runs when the module is imported."""
    relative: bool
    line: int


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(path: Path, root: Path = ROOT) -> str:
    """The module's name in the lists above: "core.errors", "core" for its `__init__`, "training.train.losses"."""
    parts = path.relative_to(root).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts[1:] if parts[0] == PACKAGE.name and len(parts) > 1 else parts)


def room_of(module: str) -> Room | None:
    """The innermost room that holds the module; None for a module that stands in no room of the list."""
    parts = module.split(".")
    names = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((HOUSE[name] for name in names if name in HOUSE), None)


def imports(path: Path, root: Path = ROOT) -> Iterator[Found]:
    """Every import of a module: lazy ones and those for type checking included."""
    parsed = tree(path)
    functions = (node for node in ast.walk(parsed) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    in_functions = {id(node) for function in functions for node in ast.walk(function)}
    here = path.relative_to(root).parts[:-1]
    for node in ast.walk(parsed):
        at_top = id(node) not in in_functions
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Found(*_named(alias.name.split("."), root), at_top, False, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1]] if node.level else []
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                whole = [*base, alias.name]
                target = whole if _exists(whole, root) else base
                yield Found(*_named(target, root), at_top, node.level > 0, node.lineno)


def _exists(parts: list[str], root: Path) -> bool:
    return root.joinpath(*parts).with_suffix(".py").exists() or root.joinpath(*parts, "__init__.py").exists()


def _named(parts: list[str], root: Path) -> tuple[str, bool]:
    if parts[0] == PACKAGE.name:
        return ".".join(parts[1:]) or PACKAGE.name, True
    return ".".join(parts), parts[0] == TRAINING.name


def import_problems(path: Path, root: Path = ROOT) -> Iterator[str]:
    """What a module imports against the lists."""
    module = dotted(path, root)
    room = room_of(module)
    if room is None:
        yield f"{path.relative_to(root)}: stands in no room of the list"
        return
    product = not module.startswith("training")
    for found in imports(path, root):
        where = f"{path.relative_to(root)}:{found.line}: "
        head = found.module.partition(".")[0]
        if not found.inside:
            lazy = head in LAZY_OUTSIDE.get(module, ()) and not found.at_top
            if head not in sys.stdlib_module_names and head not in room.outside and not lazy:
                yield where + f"imports {head}"
        elif product and head == "training":
            yield where + "the product imports training"
        elif product and not found.relative:
            yield where + "absolute import of the package, which is staged under another name"
        elif head == "blender" and room.name in LAZY_ROOMS and found.at_top:
            yield where + "imports blender/ when it is imported itself"
        elif room_of(found.module) != room and not _allowed(found.module, room):
            yield where + f"imports {found.module}"


def _allowed(module: str, room: Room) -> bool:
    other = room_of(module)
    return bool({module, other.name if other else None} & set(room.imports.split()))


def circles(root: Path = ROOT) -> list[set[str]]:
    """Groups of modules that import each other in a circle, lazy and type-checking imports included."""
    files = [path for folder in (PACKAGE.name, TRAINING.name) for path in (root / folder).rglob("*.py")]
    graph = {dotted(path, root): {found.module for found in imports(path, root) if found.inside} for path in files}
    found = []
    while graph:  # what imports nothing, and what nothing imports, is in no circle
        used = set().union(*graph.values())
        outer = {module for module, targets in graph.items() if module not in used or not targets & set(graph)}
        outer = outer or _whole_circle(graph, found)
        graph = {module: targets - outer - {module} for module, targets in graph.items() if module not in outer}
    return found


def _whole_circle(graph: dict[str, set[str]], found: list[set[str]]) -> set[str]:
    """Walk until a module comes again; note that circle and return one module of it, so that the search goes on."""
    way = [next(iter(sorted(graph)))]
    while True:
        following = next(iter(sorted(graph[way[-1]] & set(graph))))
        if following in way:
            found.append(set(way[way.index(following):]))
            return {following}
        way.append(following)


def room_problems(root: Path = ROOT) -> list[str]:
    """Rooms with too many modules, and rooms whose docstring does not say what they take and give."""
    folders = [path.parent for name in (PACKAGE.name, TRAINING.name) for path in (root / name).rglob("__init__.py")]
    found = []
    for folder in folders:
        modules = [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        if len(modules) > ROOM_MODULES and folder.name not in ("conventions", "keypoint_formats"):
            found.append(f"{folder.relative_to(root)}: {len(modules)} modules")
        if folder.parent == root:
            continue
        parsed = tree(folder / "__init__.py")
        text = ast.get_docstring(parsed) or ""
        if not re.search(r"\btakes?\b.+\bgives?\b", text, re.DOTALL | re.IGNORECASE):
            found.append(f"{folder.relative_to(root)}: its docstring does not say what it takes and gives")
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(parsed)):
            found.append(f"{folder.relative_to(root)}: importing the room imports more")
    return found


def test_the_list_is_in_order():
    """Whatever a room may import stands above it."""
    seen: set[str] = set()
    for room in [*ROOMS, *TRAINING_ROOMS]:
        wanted = room.imports.split()
        assert not [name for name in wanted if name not in seen and name.rpartition(".")[0] not in seen], room.name
        seen.add(room.name)


def test_import_rules():
    assert MODULES
    assert not [problem for path in MODULES for problem in import_problems(path)]


def test_no_circles():
    assert not circles()


def test_rooms():
    assert not room_problems()


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("anatomy_mocap/maths/x.py", "from ..core import errors"),
        ("anatomy_mocap/core/x.py", "import bpy"),
        ("anatomy_mocap/core/x.py", "from ..sources import video"),
        ("anatomy_mocap/core/x.py", "from ..settings import CaptureSettings"),
        ("anatomy_mocap/core/x.py", "from anatomy_mocap.core import errors"),
        ("anatomy_mocap/sources/x.py", "import onnxruntime"),
        ("anatomy_mocap/sources/x.py", "from ..networks import onnx_session"),
        ("anatomy_mocap/networks/x.py", "import torch"),
        ("anatomy_mocap/rigs/x.py", "from ..retargeting import retarget"),
        ("anatomy_mocap/people/x.py", "from ..fitting import body_fit"),
        ("anatomy_mocap/lifting/x.py", "from ..people import crop"),
        ("anatomy_mocap/fitting/x.py", "from ..networks import onnx_session"),
        ("anatomy_mocap/fitting/x.py", "from ..animation import smoothing"),
        ("anatomy_mocap/bone_maps/x.py", "from ..retargeting import retarget"),
        ("anatomy_mocap/retargeting/x.py", "from ..animation import smoothing"),
        ("anatomy_mocap/pipeline.py", "from .blender import perform"),
        ("anatomy_mocap/pipeline.py", "from training import metrics"),
        ("anatomy_mocap/stray.py", "import os"),
        ("anatomy_mocap/blender/rigs/x.py", "from ..keys import keyframes"),
        ("anatomy_mocap/blender/keys/x.py", "from ..files import rig_files"),
        ("anatomy_mocap/blender/files/x.py", "from ..keys import keyframes"),
        ("anatomy_mocap/blender/x.py", "from .ui import panels"),
        ("anatomy_mocap/blender/ui/x.py", "from ...cli import main"),
        ("anatomy_mocap/cli.py", "from .blender import perform"),
        ("training/mocap/x.py", "import bpy"),
        ("training/simulate/x.py", "from ..train import losses"),
        ("training/network/x.py", "from ..measure import compare"),
    ],
)
def test_import_rules_notice(place, line, tmp_path):
    """Each rule fails where it is broken, lazily too (the command line alone may import Blender's part lazily)."""
    for path in MODULES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    path = tmp_path / place
    path.write_text(line + "\n")
    assert list(import_problems(path, tmp_path))
    path.write_text("def run():\n    " + line + "\n")
    assert bool(list(import_problems(path, tmp_path))) == (place != "anatomy_mocap/cli.py")


@pytest.mark.parametrize("line", ["from .b import x", "def run():\n    from . import b",
                                  "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import x"])
def test_circles_are_noticed(line, tmp_path):
    folder = tmp_path / "anatomy_mocap" / "core"
    folder.mkdir(parents=True)
    (tmp_path / "training").mkdir()
    texts = {"__init__": "", "a": line, "b": "from .c import x", "c": "from .a import x", "d": "from . import a"}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text + "\n")
    assert circles(tmp_path) == [{"core.a", "core.b", "core.c"}]
    (folder / "a.py").write_text("import math\n")
    assert circles(tmp_path) == []


def test_room_rules_notice(tmp_path):
    folder = tmp_path / "anatomy_mocap" / "core"
    folder.mkdir(parents=True)
    (tmp_path / "anatomy_mocap" / "__init__.py").touch()
    (folder / "__init__.py").write_text('"""Takes files, gives arrays."""\n')
    for index in range(ROOM_MODULES):
        (folder / f"module{index}.py").touch()
    assert not room_problems(tmp_path)
    (folder / "one_more.py").touch()
    assert len(room_problems(tmp_path)) == 1
    (folder / "__init__.py").write_text('"""All kinds of things."""\nimport numpy\n')
    assert len(room_problems(tmp_path)) == 3


def test_bone_map_tables_are_tables():
    """A convention is data only: its module imports nothing, and the registry finds it."""
    folder = PACKAGE / "bone_maps" / "conventions"
    tables = [path for path in folder.glob("*.py") if path.stem not in ("__init__", "registry")]
    assert len(tables) >= 49
    assert not [path.stem for path in tables for found in imports(path) if found.module != "__future__"]


def test_the_video_reader_and_the_writer_of_crowd_clips_alone_import_av():
    users = {dotted(path) for path in MODULES for found in imports(path) if found.module.partition(".")[0] == "av"}
    assert users == {"sources.video", "sources.film_stream", "sources.film_filters", "sources.picture",
                     "training.rendered_crowds.video_file"}


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


def bare_parameters(path: Path) -> Iterator[str]:
    """Parameters without an annotation of a module's public functions, and of its public classes' methods."""
    parsed = tree(path)
    classes = [node for node in parsed.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for node in [node for owner in [parsed, *classes] for node in owner.body if isinstance(node, ast.FunctionDef)]:
        if node.name.startswith("_") and not node.name.startswith("__"):
            continue
        given = node.args
        some = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        bare = [one.arg for one in some if one.annotation is None and one.arg not in ("self", "cls")]
        if bare:
            yield f"{path.name}:{node.lineno}: {node.name}({', '.join(bare)})"


def test_public_parameters_are_annotated():
    assert not [problem for path in PACKAGE.rglob("*.py") for problem in bare_parameters(path)]


def test_bare_parameters_are_noticed(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("def f(a: int, b, *c, **d): ...\ndef _g(a): ...\nclass C:\n    def __init__(self, e): ...\n")
    assert list(bare_parameters(path)) == ["module.py:1: f(b, c, d)", "module.py:4: __init__(e)"]


def test_nothing_is_left_unfinished():
    mark = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b")
    found = [path for path in MODULES + TOOLS if mark.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_no_file_names_a_machine_or_a_registry():
    """The extension's files contain no absolute paths of a machine and no hosts of package registries."""
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
