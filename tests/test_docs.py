"""The documentation against the tree: links, pictures, commands, names of files and tests, line lengths."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from anatomy_mocap.cli import main
from anatomy_mocap.settings import AnimationSettings, CaptureSettings, KeySettings, RetargetSettings

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "training/notes", "models")
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "THIRD_PARTY.md")] + [
    page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("*.md"))]
CODE = [path for folder in ("anatomy_mocap", "training", "benchmarks", "buildtools", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))] + [ROOT / "build.py"]
LONGEST = 120
ROOMS = sorted(path.parent.name for path in (ROOT / "anatomy_mocap").glob("*/__init__.py"))
GONE = re.compile(r"anatomy_mocap[./]training\b|\binference/\w+")
"""Paths of before the tree had rooms."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> Iterator[tuple[int, str]]:
    """(line number, line) of a page without the parts that commands write."""
    measured = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("<!-- measured"):
            measured = "begin" in line
        elif not measured:
            yield number, line


def links(text: str) -> Iterator[str]:
    """Targets of links and pictures that are no web addresses."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchor(heading: str) -> str:
    """The address that GitHub gives a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(found) for found in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)}


def broken_links(page: Path, text: str) -> Iterator[str]:
    for target in links(text):
        file, _, part = target.partition("#")
        whole = page if not file else page.parent / file
        if not whole.exists():
            yield f"{name_of(page)}: no file {target}"
        elif part and whole.suffix == ".md" and part not in anchors(whole):
            yield f"{name_of(page)}: no heading for {target}"


def wrong_modules(line: str) -> Iterator[str]:
    """Names such as core/take that are no module or folder, and paths that are gone."""
    yield from (match.group() for match in GONE.finditer(line))
    for room, name in re.findall(rf"(?<![\w/.])(?:anatomy_mocap/)?({'|'.join(ROOMS)})/(\w+)", line):
        whole = ROOT / "anatomy_mocap" / room / name
        if not (whole.is_dir() or whole.with_suffix(".py").is_file()):
            yield f"{room}/{name}"


def commands_of(text: str, start: str) -> set[str]:
    """The words that follow a command, such as `python build.py`."""
    return set(re.findall(re.escape(start) + r" ([a-z][a-z0-9-]*)", text))


def words_of(path: Path) -> set[str]:
    """Every string of a module, the names of its commands among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_are_there(page):
    assert not list(broken_links(page, page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", [page for page in PAGES if "measured" not in page.parts], ids=name_of)
def test_lines_are_short(page):
    """Tables, pictures and lines that hold one long link or word may be longer; commands write docs/measured."""
    long = [number for number, line in prose(page.read_text(encoding="utf-8"))
            if len(line) > LONGEST and not line.lstrip().startswith(("|", "![", "[")) and " " in line.strip()]
    assert not long, f"{name_of(page)}: lines {long} have more than {LONGEST} characters"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_modules_that_are_named_exist(page):
    found = [f"line {number}: {name}" for number, line in prose(page.read_text(encoding="utf-8"))
             for name in wrong_modules(line) if page.name not in ("decisions.md", "CHANGELOG.md")]
    assert not found, f"{name_of(page)}: {found}"


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    targets = links(index.read_text(encoding="utf-8"))
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in targets}
    pages = [page for page in PAGES if page.is_relative_to(ROOT / "docs") and "measured" not in page.parts]
    notes = [page for page in PAGES if page.is_relative_to(ROOT / "training")]
    assert not [name_of(page) for page in [*pages, *notes] if page != index and page.resolve() not in linked]


def test_every_room_is_in_the_tree_of_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for top in ("anatomy_mocap", "training") for path in (ROOT / top).glob("*/__init__.py")]
    assert not [room for room in rooms if f"{room}/" not in text]


def test_commands_exist():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for start, file in (("python build.py", "build.py"), ("python -m training", "training/command.py"),
                        ("python -m anatomy_mocap", "anatomy_mocap/cli.py"),
                        ("blender --command anatomy_mocap", "anatomy_mocap/cli.py")):
        named = commands_of(text, start)
        assert named and named <= words_of(ROOT / file), start
    for name in re.findall(r"python (?:-m benchmarks\.|benchmarks/)(\w+)", text):
        assert (ROOT / "benchmarks" / f"{name}.py").is_file(), name


def test_every_option_of_the_command_line_is_explained(capsys):
    page = (ROOT / "docs" / "use" / "batch.md").read_text(encoding="utf-8")
    option = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
    named = {found for line in page.splitlines() if line.startswith("|") for found in option.findall(line)}
    known = set()
    for command in ("capture", "retarget", "info"):
        main([command, "--help"])
        known |= set(option.findall(capsys.readouterr().out))
    apart = {"--help", "--json", "--quiet", "--output"}
    assert named | apart >= known
    assert named - {"--out", "--help"} <= known


def test_every_setting_is_named_for_python():
    page = (ROOT / "docs" / "use" / "python.md").read_text(encoding="utf-8")
    names = {field.name for kind in (CaptureSettings, AnimationSettings, RetargetSettings, KeySettings)
             for field in dataclasses.fields(kind)}
    assert not [name for name in sorted(names) if f"`{name}`" not in page]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_and_tests_that_are_named_exist(page):
    text = "\n".join(line for _, line in prose(page.read_text(encoding="utf-8")))
    top = "anatomy_mocap|training|tests|benchmarks|buildtools|docs|wheels"
    named = re.findall(rf"`((?:{top})/[\w./-]+)[`:]", text)
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py")))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [name for name in set(re.findall(r"\btest_\w+", text))
                if name not in files and f"def {name}(" not in tests]
    assert not missing


def test_pages_that_the_code_names_exist():
    named = {(name_of(path), page) for path in CODE if path != Path(__file__).resolve()
             for page in re.findall(r"\b(?:docs|training/notes)/[\w/]+\.md", path.read_text(encoding="utf-8"))}
    assert not sorted(f"{path}: {page}" for path, page in named if not (ROOT / page).is_file())


def text_of(node: ast.expr) -> str:
    """The text of a string; what is filled in stands as "..."."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "..." for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_messages_that_are_explained_exist():
    """Each quoted message of the troubleshooting page is part of a string of the product; "..." may be anything."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "anatomy_mocap").rglob("*.py")]
    strings = "\n".join(re.sub(r"\{.*?\}", "...", text_of(node)) for tree in trees for node in ast.walk(tree)
                        if isinstance(node, ast.JoinedStr | ast.Constant))
    page = (ROOT / "docs" / "use" / "troubleshooting.md").read_text(encoding="utf-8")
    messages = [message for line in page.splitlines() if line.startswith("|")
                for message in re.findall(r"`([^`]+)`", line.split("|")[1])]
    parts = {part.strip(" ;:,()") for message in messages for part in message.split("...")}
    assert len(messages) > 80
    assert not sorted(part for part in parts if len(part) > 3 and part not in strings)


def test_the_picture_of_the_rooms_is_of_today():
    spec = importlib.util.spec_from_file_location("draw_rooms", ROOT / "docs" / "draw_rooms.py")
    assert spec and spec.loader
    draw_rooms = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw_rooms)
    draw_rooms.check()
    assert draw_rooms.PICTURE.read_text(encoding="utf-8") == draw_rooms.picture(), "run `python docs/draw_rooms.py`"


def test_the_checks_find_what_they_look_for():
    page = ROOT / "README.md"
    assert list(broken_links(page, "[a](docs/none.md) [b](https://x.org) ![c](docs/README.md#none)")) == [
        "README.md: no file docs/none.md", "README.md: no heading for docs/README.md#none"]
    assert commands_of("python build.py nonsense --x", "python build.py") == {"nonsense"}
    assert list(wrong_modules("python -m anatomy_mocap.training train")) == ["anatomy_mocap.training"]
    assert list(wrong_modules("see core/refine.py and fitting/pose_fit.py")) == ["core/refine"]
    assert not list(wrong_modules("anatomy_mocap/core/take, bone_maps/conventions and python -m training train"))
    assert list(prose("a\n<!-- measured: begin -->\nb\n<!-- measured: end -->\nc")) == [(1, "a"), (5, "c")]
