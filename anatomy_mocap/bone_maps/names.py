"""What a bone's name says: a comparable spelling, its prefix, its side, the body part it speaks of."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_KNOWN_PREFIX = re.compile(
    r"^(mixamorig\d*|character\d*|valvebiped|bip\d+|cc_base|j_bip|def|org|armature|robot|rig|skeleton|bone|b|jnt|joint|"
    r"bn|bind|sk)[ _:.\-|]+", re.IGNORECASE)
_SEPARATORS = " _:.-|/\\"


def plain(name: str) -> str:
    """The name without case, separators and width variants: what tables are compared by."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())


def spellings(names) -> list[dict[str, str]]:
    """Ways to read bone names, each a dict name -> plain spelling: as they are, without namespace, without prefix,
    without the running number that some exporters add at the end.
    """
    names = list(names)
    bare = {name: re.split(r"[:|]", name)[-1] for name in names}
    cuts = [{name: text.removeprefix(common) for name, text in bare.items()}
            for common in _common_prefixes(list(bare.values()))]
    known = {name: without_prefix(text) for name, text in cuts[0].items()}
    uncounted = {name: re.sub(r"[_.]\d+$", "", known[name]) for name in names}
    readings = []
    for reading in ({name: name for name in names}, bare, *cuts, known, uncounted):
        spelled = {name: plain(text) for name, text in reading.items()}
        if spelled not in readings:
            readings.append(spelled)
    return readings


def without_prefix(name: str) -> str:
    """The name without the prefixes that tools are known to put before bones' names."""
    while _KNOWN_PREFIX.match(name) and _KNOWN_PREFIX.sub("", name):
        name = _KNOWN_PREFIX.sub("", name)
    return name


def _common_prefixes(names: list[str]) -> list[str]:
    """The beginnings that end in a separator and are shared by most names, the longest first; [""] for none.

    The longest may take some of a convention's own ("hero_c_" of Auto-Rig Pro's c_spine_01.x).
    """
    counts: Counter[str] = Counter()
    for name in names:
        counts.update(name[:end + 1] for end, letter in enumerate(name[:-1]) if letter in _SEPARATORS)
    shared = [prefix for prefix, count in counts.items() if count >= 0.7 * len(names)]
    return sorted(shared, key=len, reverse=True) or [""]


def tokens(name: str) -> list[str]:
    """The words of a name, lower case: split at separators, capitals and digits (numbers are left out)."""
    text = unicodedata.normalize("NFKC", re.split(r"[:|]", name)[-1])
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or ord(c) > 0x3000)
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return [word for word in re.split(r"[\W_\d]+", text.lower()) if word]


_SIDE_WORDS = {
    "left": {"l", "left", "lft", "lf", "gauche", "izquierda", "izquierdo", "izq", "sinistra", "sinistro", "links",
             "linke", "linker", "linkes", "esquerda", "esquerdo", "lewa", "lewy", "左"},
    "right": {"r", "right", "rgt", "rt", "droite", "droit", "derecha", "derecho", "der", "destra", "destro", "rechts",
              "rechte", "rechter", "rechtes", "direita", "direito", "prawa", "prawy", "右"},
}

_PART_WORDS = {
    "hips": ("hips", "hip", "pelvis", "bassin", "hanches", "cadera", "caderas", "becken", "bacino", "quadril", "腰",
             "骨盆", "骨盤", "下半身"),
    "spine_chain": ("spine", "torso", "abdomen", "chest", "waist", "belly", "stomach", "ribcage", "thorax", "ribs",
                    "trunk", "colonne", "columna", "wirbelsaule", "brust", "pecho", "schiena", "上半身", "脊椎", "胸"),
    "neck": ("neck", "cou", "cuello", "hals", "collo", "pescoco", "首", "脖子", "颈"),
    "head": ("head", "tete", "cabeza", "kopf", "testa", "cabeca", "頭", "头"),
    "shoulder": ("clavicle", "clavicula", "collar", "collarbone", "clav", "scapula", "schulter", "schlusselbein",
                 "epaule", "clavicule", "hombro", "spalla", "ombro", "shoulder", "肩", "锁骨"),
    "upper_arm": ("upperarm", "uparm", "arm upper", "upper arm", "up arm", "bicep", "biceps", "humerus", "shldr",
                  "oberarm", "brazo", "bras", "braccio", "braco", "arm", "腕", "上臂"),
    "lower_arm": ("forearm", "fore arm", "lowerarm", "lower arm", "loarm", "lo arm", "low arm", "arm lower", "elbow",
                  "radius", "unterarm", "antebrazo", "avantbras", "avant bras", "avambraccio", "antebraco", "ひじ",
                  "肘", "前臂"),
    "hand": ("hand", "wrist", "palm", "main", "mano", "mao", "poignet", "手首", "手"),
    "upper_leg": ("thigh", "upleg", "up leg", "upperleg", "upper leg", "leg upper", "femur", "hip", "oberschenkel",
                  "muslo", "cuisse", "coscia", "coxa", "大腿", "足"),
    "lower_leg": ("shin", "calf", "lowerleg", "lower leg", "leg lower", "low leg", "knee", "tibia", "shank",
                  "unterschenkel", "pantorrilla", "mollet", "jambe", "pierna", "polpaccio", "canela", "leg", "ひざ",
                  "膝", "小腿"),
    "foot": ("foot", "ankle", "fuss", "fuß", "pie", "pied", "piede", "pe", "足首", "脚"),
    "toes": ("toe", "toes", "toebase", "toe base", "ball", "zeh", "zehen", "dedos", "orteils", "つま先", "脚趾"),
}
_HELPERS = {
    "twist", "roll", "ik", "pole", "target", "helper", "ctrl", "control", "mch", "tweak", "vis", "corrective", "muscle",
    "hair", "skirt", "cloth", "cape", "tail", "breast", "boob", "butt", "buttock", "weapon", "prop", "socket", "attach",
    "holder", "item", "end", "nub", "leaf", "site", "share", "volume", "adjust", "spring", "physics", "belt", "bag",
    "dummy", "gizmo", "wing", "ear", "ponytail", "ribbon", "sleeve", "スカート", "髪", "捩", "袖",
}
"""Words of bones that are no part of the body and say nothing of its form."""
_NOT_BODY = _HELPERS | {
    "thumb", "index", "middle", "mid", "ring", "pinky", "little", "finger", "fingers", "metacarpal", "carpal", "eye",
    "eyes", "eyelid", "jaw", "brow", "lip", "tongue", "teeth", "nose", "cheek", "tip", "top", "heel", "pinkie",
    "daumen", "dedo", "doigt", "親指", "指", "目",
}


def is_helper(name: str) -> bool:
    """Whether a bone's name says that it is a twist, IK or end bone, hair, cloth or a thing carried."""
    return bool(_HELPERS.intersection(tokens(name)))


def side_of(name: str) -> str:
    """"left", "right" or "" by the words in a bone's name."""
    words = tokens(name)
    for side, known in _SIDE_WORDS.items():
        if known.intersection(words) or any(word[0] in known and not word.isascii() for word in words):
            return side
    for side in ("left", "right"):
        if any(word.startswith(side) or word.endswith(side) for word in words):
            return side
    return ""


def part_of(name: str) -> str:
    """The body part that a bone's name speaks of, without its side; "" where it speaks of none or of a helper."""
    words = [word for word in tokens(name) if not any(word in known for known in _SIDE_WORDS.values())]
    if not words or _NOT_BODY.intersection(words):
        return ""
    text = re.sub("left|right", "", " ".join(words)).strip()
    words = text.split()
    best, length = "", 0
    for part, known in _PART_WORDS.items():
        for word in known:
            hit = word in words or f" {word} " in f" {text} " or (not word.isascii() and word in text)
            if hit and len(word) > length:
                best, length = part, len(word)
    return best
