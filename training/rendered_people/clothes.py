"""A person's drawn surface: faces, colours, clothes pushed out, covered skin left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .body_files import base_mesh
from .person import POINTS, Person

_CLOTH = 0.008
"""Share of the height by which clothes stand off the skin."""

# Order of the zones.
ZONES = ("skin", "hair", "lip", "brow", "eye", "iris", "shirt", "stripe", "trousers", "shoe", "sole")
_Z = {name: index for index, name in enumerate(ZONES)}

_SKINS = np.array([(0.92, 0.74, 0.64), (0.80, 0.58, 0.46), (0.66, 0.46, 0.34), (0.45, 0.29, 0.20), (0.28, 0.18, 0.13)])
_HAIRS = np.array([(0.05, 0.04, 0.04), (0.13, 0.08, 0.05), (0.30, 0.18, 0.09), (0.60, 0.45, 0.24), (0.62, 0.62, 0.62)])


@dataclass(frozen=True)
class Outfit:
    """colours: (ZONES, 3) sRGB 0..1. sleeve: covered share of the upper arm, above 1 of the forearm too. leg: covered
    share of the leg, hip to ankle. long_hair, stripes: whether. seed: of the small differences between faces.

    shirt_off, trousers_off: shares of the height by which these stand off the skin. hem: share of the leg down to which
    cloth hangs over both legs from the waist (None: nothing does); skirt: whether that is of the trousers' colour."""

    colours: np.ndarray
    sleeve: float
    leg: float
    long_hair: bool
    stripes: bool
    seed: int
    shirt_off: float = _CLOTH
    trousers_off: float = _CLOTH
    hem: float | None = None
    skirt: bool = False


@dataclass(frozen=True)
class Surface:
    """used: (M,) vertices of the mesh. rest: (M, 3) their places at rest, clothes pushed out. faces: (F, 4) indices
    into them. colours: (F, 3) sRGB."""

    used: np.ndarray
    rest: np.ndarray
    faces: np.ndarray
    colours: np.ndarray


def draw_outfit(rng: np.random.Generator, male: float) -> Outfit:
    """Random clothes, skin and hair."""
    skin = _mixed(rng, _SKINS)
    hair = _mixed(rng, _HAIRS)
    shirt, stripe, trousers, shoe = (np.clip(rng.beta(0.9, 0.9) + rng.normal(0, 0.15, 3), 0.03, 0.95) for _ in range(4))
    colours = np.stack([skin, hair, skin * (0.85, 0.6, 0.6), hair * 0.8, (0.92, 0.92, 0.92), (0.08, 0.06, 0.05), shirt,
                        stripe, trousers, shoe, np.full(3, rng.uniform(0.1, 0.9))])
    sleeve = float(rng.choice([0.15, 0.6, 0.9, 1.9], p=[0.12, 0.38, 0.1, 0.4]))
    leg = float(rng.choice([0.2, 0.45, 0.97], p=[0.12, 0.2, 0.68]))
    return Outfit(colours, sleeve, leg, bool(rng.random() > 0.25 + 0.6 * male), bool(rng.random() < 0.3),
                  int(rng.integers(1 << 30)))


def loosened(rng: np.random.Generator, outfit: Outfit) -> Outfit:
    """The same clothes, loose: wide shirts and trousers, and in four fifths something that hangs over the hips (a shirt
    or jacket down to the crotch, a coat or dress, a skirt)."""
    shirt_off, trousers_off = rng.uniform(0.006, 0.02, 2)
    kind = rng.choice(4, p=(0.2, 0.5, 0.15, 0.15))
    hem = (None, rng.uniform(0.02, 0.25), rng.uniform(0.25, 0.65), rng.uniform(0.25, 0.95))[kind]
    return replace(outfit, shirt_off=float(shirt_off), trousers_off=float(trousers_off),
                   hem=None if hem is None else float(hem), skirt=bool(kind == 3))


def _mixed(rng: np.random.Generator, palette: np.ndarray) -> np.ndarray:
    return rng.dirichlet(np.full(len(palette), 0.4)) @ palette


def dress(person: Person, outfit: Outfit, bodies: Path) -> Surface:
    """The surface to draw."""
    groups = base_mesh(bodies).faces
    skin, cloth = groups["body"], groups["helper-tights"]
    of_skin, of_cloth = _zones(person, outfit, skin), _zones(person, outfit, cloth)
    covered = np.zeros(len(person.vertices), dtype=bool)
    dressed = np.isin(of_skin, [_Z["shirt"], _Z["trousers"]])
    covered[skin[dressed]] = True
    covered[skin[~dressed]] = False
    seen, worn = ~covered[skin].all(axis=1), np.isin(of_cloth, [_Z["shirt"], _Z["trousers"]])
    of_skin = _face_and_hair(person, skin, of_skin)
    parts = [(skin[seen], of_skin[seen]), (cloth[worn], of_cloth[worn]), *_eyes(person, groups)]
    if outfit.long_hair:
        parts.append(_long_hair(person, groups["helper-hair"]))
    if outfit.hem is not None:
        parts.append(_hanging(person, outfit, groups["helper-skirt"]))
    faces, zones = (np.concatenate(each) for each in zip(*parts, strict=True))
    out = np.zeros(len(person.vertices))
    out[np.unique(cloth)] = outfit.shirt_off * person.height
    out[np.unique(cloth[of_cloth == _Z["trousers"]])] = outfit.trousers_off * person.height
    rest = person.vertices + normals(person.vertices, cloth) * out[:, None]
    rest -= normals(person.vertices, skin) * (0.006 * person.height * covered)[:, None]
    if outfit.hem is not None:
        off = max(outfit.shirt_off, outfit.trousers_off) + 0.002  # over shirt and trousers
        rest += normals(person.vertices, groups["helper-skirt"]) * (off * person.height)
    used, index = np.unique(faces, return_inverse=True)
    return Surface(used, rest[used], index.reshape(faces.shape), _coloured(person, outfit, faces, zones))


def normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(N, 3) unit normals of the vertices that the faces use, zero elsewhere."""
    corners = vertices[faces]
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    total = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(total, faces[:, corner], across)
    return total / np.maximum(np.linalg.norm(total, axis=-1, keepdims=True), 1e-12)


def _dominant_names(person: Person, faces: np.ndarray) -> np.ndarray:
    """(F,) name of the bone that moves a face's first vertex most."""
    names = np.array(person.names)
    return names[person.dominant[faces[:, 0]]]


def _zones(person: Person, outfit: Outfit, faces: np.ndarray) -> np.ndarray:
    """(F,) zone of each face by the bone that moves it and by its height."""
    bone, centre = _dominant_names(person, faces), person.vertices[faces].mean(axis=1)
    zone = np.full(len(faces), _Z["skin"])
    foot = np.char.find(bone, "Foot") >= 0
    foot |= np.char.find(bone, "Toe") >= 0
    zone[foot] = np.where(centre[foot, 2] < 0.007 * person.height, _Z["sole"], _Z["shoe"])
    down = _down_the_leg(person, centre)
    leg = np.isin(bone, [side + part for side in ("Left", "Right") for part in ("UpLeg", "Leg")])
    zone[leg & (down < outfit.leg)] = _Z["trousers"]
    waist = person.head("Spine")[2] - 0.017 * person.height
    zone[bone == "Hips"] = np.where(centre[bone == "Hips", 2] < waist, _Z["trousers"], _Z["shirt"])
    trunk = np.isin(bone, ["Spine", "Spine1", "Spine2", "LeftShoulder", "RightShoulder"])
    zone[trunk & (centre[:, 2] < person.head("Neck")[2] - 0.003 * person.height)] = _Z["shirt"]
    for side in ("Left", "Right"):
        start, end, wrist = (person.head(side + part) for part in ("Arm", "ForeArm", "Hand"))
        arm, fore = bone == side + "Arm", bone == side + "ForeArm"
        zone[arm & ((centre - start) @ (end - start) < outfit.sleeve * ((end - start) @ (end - start)))] = _Z["shirt"]
        reach = (outfit.sleeve - 1) * ((wrist - end) @ (wrist - end))
        zone[fore & ((centre - end) @ (wrist - end) < reach)] = _Z["shirt"]
    return zone


def _down_the_leg(person: Person, points: np.ndarray) -> np.ndarray:
    """(N,) how far below the hip joints, as a share of hip to ankle."""
    hip, ankle = person.head("LeftUpLeg")[2], person.head("LeftFoot")[2]
    return (hip - points[:, 2]) / (hip - ankle)


def _face_and_hair(person: Person, faces: np.ndarray, zone: np.ndarray) -> np.ndarray:
    """Zones of the skin with scalp, brows and lips."""
    centre, zone = person.vertices[faces].mean(axis=1), zone.copy()
    unit = person.height / 1.8
    nose, ear, top = (person.points[POINTS.index(name)] for name in ("nose", "left_ear", "head"))
    head = _dominant_names(person, faces) == "Head"
    behind = (centre[:, 1] > ear[1] - 0.005 * unit) & (centre[:, 2] > top[2] - 0.20 * unit)
    scalp = head & ((centre[:, 2] > top[2] - 0.055 * unit) | (behind & (np.abs(centre[:, 0]) < ear[0] - 0.012 * unit)))
    front = head & (centre[:, 1] < nose[1] + 0.035 * unit) & ~scalp
    zone[front & (np.abs(centre[:, 2] - nose[2] + 0.035 * unit) < 0.008 * unit)
         & (np.abs(centre[:, 0]) < 0.025 * unit)] = _Z["lip"]
    brow = (np.abs(centre[:, 2] - nose[2] - 0.055 * unit) < 0.005 * unit) & (np.abs(centre[:, 0]) < 0.05 * unit)
    zone[head & ~scalp & brow & (np.abs(centre[:, 0]) > 0.012 * unit) & (centre[:, 1] < ear[1] - 0.05 * unit)] = \
        _Z["brow"]
    zone[scalp] = _Z["hair"]
    return zone


def _eyes(person: Person, groups) -> list[tuple[np.ndarray, np.ndarray]]:
    parts = []
    for name in ("helper-l-eye", "helper-r-eye"):
        depth = person.vertices[groups[name]].mean(axis=1)[:, 1]
        parts.append((groups[name], np.where(depth < depth.min() + 0.004, _Z["iris"], _Z["eye"])))
    return parts


def _long_hair(person: Person, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hair over ears and neck, not over the face."""
    corners = person.vertices[faces]
    top, ear = person.points[POINTS.index("head")][2], person.points[POINTS.index("left_ear")][1]
    centre = corners.mean(axis=1)
    keep = corners[..., 2].min(axis=1) > top - 0.19 * person.height
    keep &= ~((centre[:, 1] < ear + 0.005) & (centre[:, 2] < top - 0.025 * person.height))
    return faces[keep], np.full(int(keep.sum()), _Z["hair"])


def _hanging(person: Person, outfit: Outfit, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cloth that hangs from the waist down to the hem. MakeHuman's skirt reaches from the waist to the ankles."""
    keep = faces[_down_the_leg(person, person.vertices[faces].mean(axis=1)) < outfit.hem]
    return keep, np.full(len(keep), _Z["trousers" if outfit.skirt else "shirt"])


def _coloured(person: Person, outfit: Outfit, faces: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """(F, 3) the zones' colours, stripes on the shirt, each face a little different."""
    rng = np.random.default_rng(outfit.seed)
    level = (person.vertices[faces].mean(axis=1)[:, 2] / (0.03 * person.height)).astype(int)
    if outfit.stripes:
        zones = np.where((zones == _Z["shirt"]) & (level % 2 == 1), _Z["stripe"], zones)
    rough = np.where(np.isin(zones, [_Z[name] for name in ("shirt", "stripe", "trousers", "hair")]), 0.05, 0.015)
    return np.clip(outfit.colours[zones] * (1 + rng.standard_normal(len(zones)) * rough)[:, None], 0, 1)
