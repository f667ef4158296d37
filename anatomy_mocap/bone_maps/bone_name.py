"""Reading a bone's name: comparable spelling, prefix, side, and the body part that it names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from .tuning import TUNING

_KNOWN_PREFIX = re.compile(
    r"^(mixamorig\d*|character\d*|valvebiped|bip\d+|cc_base|j_bip|def|org|armature|robot|rig|skeleton|bone|b|jnt|joint|"
    r"bn|bind|sk)[ _:.\-|]+", re.IGNORECASE)
_SEPARATORS = " _:.-|/\\"


def plain(name: str) -> str:
    """The name without case, separators and width variants, as tables compare it."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())


def spellings(names: Iterable[str]) -> list[dict[str, str]]:
    """The ways to spell bone names, each a dict name -> plain spelling.

    They are: unchanged, without namespace, without common prefix, without known prefix, without the running number
    that some exporters append.
    """
    names = list(names)
    bare = {name: re.split(r"[:|]", name)[-1] for name in names}
    cuts = [{name: text.removeprefix(common) for name, text in bare.items()}
            for common in _common_prefixes(list(bare.values()))]
    known = {name: without_prefix(text) for name, text in cuts[0].items()}
    uncounted = [{name: re.sub(r"[_.]\d+$", "", text[name]) for name in names} for text in (known, bare)]
    readings = []
    for reading in ({name: name for name in names}, bare, *cuts, known, *uncounted):
        spelled = {name: plain(text) for name, text in reading.items()}
        if spelled not in readings:
            readings.append(spelled)
    return readings


def without_prefix(name: str) -> str:
    """The name without the prefixes that tools put before bone names ("mixamorig:", "DEF-" ...)."""
    while _KNOWN_PREFIX.match(name) and _KNOWN_PREFIX.sub("", name):
        name = _KNOWN_PREFIX.sub("", name)
    return name


def _common_prefixes(names: list[str]) -> list[str]:
    """Prefixes that end in a separator and are shared by most names, the longest first; [""] for none.

    The longest may include a convention's own prefix ("hero_c_" of Auto-Rig Pro's c_spine_01.x).
    """
    counts: Counter[str] = Counter()
    for name in names:
        counts.update(name[:end + 1] for end, letter in enumerate(name[:-1]) if letter in _SEPARATORS)
    shared = [prefix for prefix, count in counts.items() if count >= TUNING.common_prefix * len(names)]
    return sorted(shared, key=len, reverse=True) or [""]


def tokens(name: str) -> list[str]:
    """The words of a name in lower case, split at separators, capitals and digits; numbers are dropped."""
    return [word for part in numbered_tokens(name) for word in re.split(r"\d+", part) if word]


def numbered_tokens(name: str) -> list[str]:
    """The words of a name in lower case with their numbers, split at separators and capitals."""
    text = unicodedata.normalize("NFKC", re.split(r"[:|]", name)[-1])
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or ord(c) > 0x3000)
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]


_SIDE_WORDS = {
    "left": {"l", "left", "lft", "lf", "gauche", "izquierda", "izquierdo", "izq", "sinistra", "sinistro", "links",
             "linke", "linker", "linkes", "esquerda", "esquerdo", "esq", "lewa", "lewy", "lewe", "sol", "le",
             "л", "лев", "левая", "левый", "левое", "왼쪽", "左"},
    "right": {"r", "right", "rgt", "rt", "droite", "droit", "derecha", "derecho", "der", "destra", "destro", "rechts",
              "rechte", "rechter", "rechtes", "direita", "direito", "dir", "prawa", "prawy", "prawe", "sag", "ri",
              "п", "прав", "правая", "правый", "правое", "오른쪽", "右"},
}

_PART_WORDS = {
    "hips": ("hips", "hip", "pelvis", "bassin", "hanches", "cadera", "caderas", "becken", "hufte", "bacino", "quadril",
             "bekken", "miednica", "kalca", "таз", "골반", "엉덩이", "腰", "骨盆", "骨盤", "臀部", "下半身"),
    "spine_chain": ("spine", "torso", "abdomen", "chest", "waist", "belly", "stomach", "ribcage", "thorax", "ribs",
                    "trunk", "colonne", "ventre", "columna", "colonna", "coluna", "wirbelsaule", "bauch", "brust",
                    "pecho", "peito", "schiena", "ruggengraat", "borst", "kregosłup", "omurga", "gogus", "позвоночник",
                    "грудь", "живот", "척추", "허리", "가슴", "上半身", "脊椎", "背骨", "腰部", "胸"),
    "neck": ("neck", "cou", "cuello", "hals", "collo", "pescoco", "nek", "szyja", "boyun", "шея", "목", "首", "脖子",
             "颈"),
    "head": ("head", "tete", "cabeza", "kopf", "testa", "cabeca", "hoofd", "głowa", "kafa", "голова", "머리", "頭",
             "头"),
    "shoulder": ("clavicle", "clavicula", "clavicola", "collar", "collarbone", "clav", "scapula", "schulter",
                 "schlusselbein", "epaule", "clavicule", "hombro", "spalla", "ombro", "shoulder", "sleutelbeen",
                 "schouder", "obojczyk", "omuz", "ключица", "쇄골", "어깨", "肩", "锁骨"),
    "upper_arm": ("upperarm", "uparm", "arm upper", "upper arm", "up arm", "bicep", "biceps", "humerus", "shldr",
                  "oberarm", "brazo", "bras", "braccio", "braco", "arm", "bovenarm", "ramie", "ust kol", "плечо",
                  "рука", "위팔", "상완", "腕", "上腕", "上臂", "大臂"),
    "lower_arm": ("forearm", "fore arm", "lowerarm", "lower arm", "loarm", "lo arm", "low arm", "lowarm", "arm lower",
                  "elbow", "radius", "unterarm", "antebrazo", "avantbras", "avant bras", "avambraccio", "antebraco",
                  "onderarm", "przedramie", "on kol", "предплечье", "локоть", "아래팔", "전완", "팔꿈치", "ひじ", "肘",
                  "前腕", "前臂", "小臂"),
    "hand": ("hand", "wrist", "palm", "main", "mano", "mao", "poignet", "dłon", "el", "кисть", "ладонь", "손", "손목",
             "手首", "手腕", "手"),
    "upper_leg": ("thigh", "upleg", "up leg", "upperleg", "upper leg", "leg upper", "femur", "hip", "oberschenkel",
                  "muslo", "cuisse", "coscia", "coxa", "bovenbeen", "dijbeen", "udo", "uyluk", "бедро", "허벅지",
                  "大腿", "太もも", "足"),
    "lower_leg": ("shin", "calf", "lowerleg", "lower leg", "lowleg", "leg lower", "low leg", "knee", "tibia", "shank",
                  "unterschenkel", "pantorrilla", "mollet", "jambe", "pierna", "polpaccio", "canela", "leg",
                  "onderbeen", "łydka", "golen", "baldır", "голень", "колено", "종아리", "무릎", "ひざ", "膝", "すね",
                  "小腿"),
    "foot": ("foot", "ankle", "fuss", "fuß", "pie", "pied", "piede", "pe", "voet", "stopa", "ayak", "стопа", "ступня",
             "발", "발목", "足首", "脚", "脚踝"),
    "toes": ("toe", "toes", "toebase", "toe base", "ball", "foot ball", "zeh", "zehen", "dedos", "orteils", "tenen",
             "palce", "пальцы ног", "носок", "발가락", "つま先", "脚趾"),
}
_LONG_PART_WORDS = frozenset(word for known in _PART_WORDS.values() for word in known if len(word) > 2)
_HELPERS = {
    "twist", "roll", "ik", "pole", "target", "helper", "ctrl", "control", "mch", "tweak", "vis", "corrective", "muscle",
    "hair", "skirt", "cloth", "cape", "tail", "breast", "boob", "butt", "buttock", "weapon", "prop", "socket", "attach",
    "attachment", "holder", "item", "end", "nub", "leaf", "site", "share", "volume", "adjust", "spring", "physics",
    "belt", "bag", "dummy", "gizmo", "wing", "ear", "ponytail", "ribbon", "sleeve", "スカート", "髪", "捩", "袖",
    "tracker", "track", "tracking", "aim", "look", "lookat", "pad", "guard", "plate", "armor", "armour", "strap",
    "holster", "pouch", "pocket", "band", "bracelet", "necklace", "tie", "necktie", "scarf", "hat", "helmet", "glasses",
    "goggles", "collider", "collision", "hitbox", "trigger", "sensor", "marker", "camera", "gun", "sword", "shield",
    "knife", "blade", "quiver", "sheath", "scabbard", "gear", "cloak", "coat", "jacket", "lace", "laces", "spike",
    "horn", "antler", "antenna", "feeler", "beard", "mustache", "moustache", "mask", "headset", "trail", "fx", "vfx",
    "locator", "flap", "pauldron", "visor", "hood", "watch", "jewel", "feather", "fin", "tentacle", "mandible",
}
"""Words of bones outside the body, which are also ignored in reading the rig's form."""
_ENDS = {"end", "nub", "leaf", "site"}
"""Words of helpers that do not apply to a bone with children: the end of an arm is then its hand."""
_NOT_BODY = _HELPERS | {
    "thumb", "index", "middle", "mid", "ring", "pinky", "little", "finger", "fingers", "metacarpal", "carpal", "eye",
    "eyes", "eyelid", "jaw", "brow", "lip", "tongue", "teeth", "nose", "cheek", "tip", "top", "heel", "pivot", "pinkie",
    "daumen", "dedo", "doigt", "親指", "指", "目",
}


def is_helper(name: str) -> bool:
    """Whether a bone's name has a word for a twist, IK or end bone, hair, cloth, or an object in the hand.

    A word may be joined to that of a body part: "headtracker", "kneepad".
    """
    words = tokens(name)
    return bool(_HELPERS.intersection(words)) or any(map(_joined_helper, words))


@cache
def _joined_helper(word: str) -> bool:
    """Whether a word is one of a body part and one of a helper, in either order and without a separator."""
    return any(word.endswith(helper) and word[:-len(helper)] in _LONG_PART_WORDS
               or word.startswith(helper) and word[len(helper):] in _LONG_PART_WORDS for helper in _HELPERS)


def is_end(name: str) -> bool:
    """Whether all words for helpers in a bone's name mean only the end of a chain (true if there is none)."""
    return _HELPERS.intersection(tokens(name)) <= _ENDS


def names_unmapped_part(name: str) -> bool:
    """Whether a bone's name has a word for a finger, a part of the face, or a helper."""
    return bool(_NOT_BODY.intersection(tokens(name)))


def side_of(name: str) -> str:
    """The side named by a bone's name: "left", "right", or "" for none."""
    words = tokens(name)
    for side, known in _SIDE_WORDS.items():
        if known.intersection(words) or any(word[0] in known and not word.isascii() for word in words):
            return side
    for side in ("left", "right"):
        if any(word.startswith(side) or word.endswith(side) for word in words):
            return side
    return ""


_LIMB_HALVES = tuple(
    (re.compile(f"(?:{words}){limb}|{limb}(?:{words})"), f"{half}_{limb}") for limb, half, words in (
        ("arm", "upper", "upper|upp|upr|up"), ("arm", "lower", "lower|lowr|lwr|low|lo|fore"),
        ("leg", "upper", "upper|upp|upr|up"), ("leg", "lower", "lower|lowr|lwr|low|lo")))


def _upper_or_lower(words: list[str]) -> str:
    """The half of a limb named by "arm" or "leg" with a word for up or low, in either order, joined or not; "" else."""
    for text in (*words, *map("".join, zip(words, words[1:], strict=False))):
        for pattern, part in _LIMB_HALVES:
            if pattern.fullmatch(text):
                return part
    return ""


def part_of(name: str) -> str:
    """The body part named by a bone's name, without its side; "" for none, a finger, the face or a helper."""
    words = [word for word in tokens(name) if not any(word in known for known in _SIDE_WORDS.values())]
    if not words or _NOT_BODY.intersection(words):
        return ""
    text = re.sub("left|right", "", " ".join(words)).strip()
    words = text.split()
    if limb := _upper_or_lower(words):
        return limb
    best, length = "", 0
    for part, known in _PART_WORDS.items():
        for word in known:
            hit = word in words or f" {word} " in f" {text} " or (not word.isascii() and word in text)
            if hit and len(word) > length:
                best, length = part, len(word)
    return best
