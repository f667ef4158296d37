"""BoneMap: body part -> bones of a rig, with a score for each bone; saved as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import MocapError, one_line, require_file
from ..core.skeleton import SIDES
from ..core.whole_file import written_whole
from ..rigs.rig import TargetRig
from .tuning import TUNING

SCHEMA = "anatomy_mocap.bone_map"
VERSION = 1
SIDED_PARTS = ("shoulder", "upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot", "toes")
FINGERS = ("thumb", "index", "middle", "ring", "pinky")
FINGER_PARTS = tuple(f"{side}_{finger}" for side in SIDES for finger in FINGERS)
"""The fingers of both hands; every one is optional."""
CHAINS = ("spine_chain", "neck")
"""Parts that may have several bones, in order from the hips upwards."""
PARTS = ("hips", "spine_chain", "neck", "head", *(f"{side}_{part}" for side in SIDES for part in SIDED_PARTS))
REQUIRED = ("hips", *(f"{side}_{part}" for side in SIDES
                      for part in ("upper_leg", "lower_leg", "upper_arm", "lower_arm")))
LARGEST_FILE = 4 * 2**20
"""Bytes. Chosen: a thousand times the size of a large rig's map."""
REVIEW_BELOW = 0.95
"""Score below which the user should check a bone: it is right in fewer than 95 % of cases."""


@dataclass(frozen=True)
class BoneMap:
    """The bones of one rig by body part.

    convention: name of the table that fits; "names" if only words in names did, "form" if the rig's form did, "manual"
        for a map made by hand.
    bones: part (see PARTS) -> bone names; one bone a part, several in order from the hips for CHAINS.
    scores: bone name -> 0..1; a share s of the bones with score s is right (docs/measured/bone_maps.txt).
    warnings: one sentence each, for the user.
    fingerprint: of the rig for which the map was made (`fingerprint.fingerprint`); empty if unknown.
    fingers: finger (see FINGER_PARTS) -> one to three bone names from the knuckle outwards; of a thumb from the wrist.
        None where nobody has looked for them, as in maps of earlier versions.
    """

    convention: str
    bones: dict[str, tuple[str, ...]]
    scores: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    fingerprint: str = ""
    fingers: dict[str, tuple[str, ...]] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that have no bone."""
        return tuple(part for part in PARTS if not self.bones.get(part))

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Bone names with a score below REVIEW_BELOW."""
        return tuple(name for name, score in self.scores.items() if score < REVIEW_BELOW)

    def save(self, path: str | Path) -> Path:
        """Write the map as JSON (to a file beside it, then renamed); returns the path."""
        path = Path(path)
        content = {"schema": SCHEMA, "version": VERSION, "convention": self.convention,
                   "fingerprint": self.fingerprint,
                   "bones": {part: list(self.bones[part]) for part in PARTS if self.bones.get(part)},
                   "scores": {name: round(score, 3) for name, score in self.scores.items() if score < 1}}
        if self.fingers is not None:
            content["fingers"] = {part: list(self.fingers[part]) for part in FINGER_PARTS if self.fingers.get(part)}
        with written_whole(path, "bone map") as partial:
            partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: str | Path, rig: TargetRig | None = None) -> BoneMap:
        """Read and validate a JSON map.

        rig: the rig that must have the map's bones. If a few bones of parts that are not required are missing there,
        they are dropped and a warning names them. Raises MocapError if the file cannot be read, is no valid bone map,
        or belongs to another rig.
        """
        path = Path(path)
        content = _content(path)
        bones, scores = _checked(path, content), _scores(path, content)
        bones, warnings = (bones, ()) if rig is None else _on_rig(path, bones, rig)
        fingers = _fingers(path, content, {name for names in bones.values() for name in names})
        if rig is not None and fingers is not None:
            fingers = {part: names for part, names in fingers.items() if set(names) <= set(rig.bone_names)}
        return cls(str(content.get("convention", "manual")), bones,
                   {name: scores.get(name, 1.0) for names in bones.values() for name in names}, warnings,
                   str(content.get("fingerprint", "")), fingers)


def _content(path: Path):
    """The JSON value of a map's file. Raises MocapError unless it is a small file of text that can be shown."""
    require_file(path, "give a bone map's .json")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise MocapError(f"{path}: larger than {LARGEST_FILE // 2**20} MB, so no bone map; give a .json that the "
                             "bone map's Save wrote")
        content = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except OSError as error:
        raise MocapError(f"{path}: can't be read ({error.strerror}); give a bone map's .json") from error
    except (ValueError, RecursionError) as error:  # not JSON, nested too deep, or letters that no text can have
        raise MocapError(f"{path}: not JSON ({one_line(error)}); save the bone map again") from error
    return content


def _scores(path: Path, content: dict) -> dict[str, float]:
    """Bone name -> score, of a saved map; empty for a file without scores."""
    scores = content.get("scores", {})
    if not isinstance(scores, dict) or not all(type(score) in (int, float) and 0 <= score <= 1
                                               for score in scores.values()):
        raise MocapError(f"{path}: its scores are not numbers from 0 to 1; leave \"scores\" out or save the map again")
    return scores


def _fingers(path: Path, content: dict, used: set[str]) -> dict[str, tuple[str, ...]] | None:
    """Finger -> bones, of a saved map; None for a file that says nothing of them. used: bones of other parts."""
    if "fingers" not in content:
        return None
    fingers, found = content["fingers"], {}
    if not isinstance(fingers, dict):
        raise MocapError(f"{path}: its fingers are no table of bones; leave \"fingers\" out or save the map again")
    for part, names in fingers.items():
        if part not in FINGER_PARTS:
            raise MocapError(f"{path}: {one_line(part)!r} is no finger; the fingers are {', '.join(FINGER_PARTS)}")
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names) or len(names) > 3:
            raise MocapError(f"{path}: the bones of {part!r} are not one to three names; write [\"bone\"]")
        if again := sorted(used.intersection(names)):
            raise MocapError(f"{path}: {one_line(again[0])!r} is named twice; each bone can be one part only")
        used = used | set(names)
        if names:
            found[part] = tuple(names)
    return found


def _on_rig(path: Path, bones: dict, rig: TargetRig) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """(the bones that the rig has, a warning that names the missing ones); MocapError if too many are missing."""
    known = set(rig.bone_names)
    absent = [name for names in bones.values() for name in names if name not in known]
    kept = {part: tuple(name for name in names if name in known) for part, names in bones.items()}
    kept = {part: names for part, names in kept.items() if names}
    shown = ", ".join(map(repr, absent[:5])) + (" ..." if len(absent) > 5 else "")
    if any(part not in kept for part in REQUIRED) or len(absent) > TUNING.may_lack * sum(map(len, bones.values())):
        raise MocapError(f"{path}: {rig.name} has no bone {shown}; the map belongs to another rig")
    if not absent:
        return kept, ()
    return kept, (f"{path.name}: {rig.name} has no bone {shown}; the map was made for a slightly different rig, "
                  "these bones are left out",)


def _checked(path: Path, content) -> dict[str, tuple[str, ...]]:
    """The bones in a map file's content; MocapError names the fault."""
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or not isinstance(content.get("bones"), dict):
        raise MocapError(f"{path}: not a bone map (no schema {SCHEMA!r}); give a .json that the bone map's Save wrote")
    if type(content.get("version")) is not int or content["version"] != VERSION:
        raise MocapError(f"{path}: bone map of version {one_line(content.get('version'))}, this program reads "
                         f"{VERSION}; update the add-on or save the map again")
    for name in ("convention", "fingerprint"):
        if not isinstance(content.get(name, ""), str):
            raise MocapError(f"{path}: its {name} is no text; leave it out or save the map again")
    bones: dict[str, tuple[str, ...]] = {}
    for part, names in content["bones"].items():
        if part not in PARTS:
            raise MocapError(f"{path}: {one_line(part)!r} is not a body part; the parts are {', '.join(PARTS)}")
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise MocapError(f"{path}: the bones of {part!r} are not a list of names; write [\"bone\"]")
        if len(names) > 1 and part not in CHAINS:
            raise MocapError(f"{path}: {part!r} has {len(names)} bones; only {' and '.join(CHAINS)} may have several")
        bones[part] = tuple(names)
    used = Counter(name for names in bones.values() for name in names)
    twice = sorted(name for name, count in used.items() if count > 1)
    if twice:
        raise MocapError(f"{path}: {one_line(twice[0])!r} is named twice; each bone can be one part only")
    lacking = [part for part in REQUIRED if not bones.get(part)]
    if lacking:
        raise MocapError(f"{path}: no bone for {', '.join(lacking)}; add them")
    return bones
