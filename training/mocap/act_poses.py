"""Poses of the made-up acts (made_up_acts.py) as joint angles in degrees, and their order."""

from __future__ import annotations

# lean: of the pelvis, forward; spin: about the body's own axis (90: onto a side when lying); bend: of the chest
# against the pelvis, forward; nod: of the head. Limbs, [left, right] or one for both: hip, knee, ankle flexion; out:
# of thigh; shoulder flexion (180: overhead), side: of upper arm; elbow flexion; turn, arm_turn: of thigh
# and upper arm about themselves.
_STAND = {"lean": 0, "spin": 0, "bend": 0, "nod": 0, "hip": 3, "knee": 5, "ankle": 0, "out": 5, "turn": 0,
          "shoulder": 5, "side": 12, "elbow": 15, "arm_turn": 0}


def _pose(**angles) -> dict:
    """Standing, but for these angles."""
    return _STAND | angles


POSES: dict[str, dict] = {
    "stand": _pose(),
    "seat": _pose(lean=-5, bend=8, hip=85, knee=88, out=12, shoulder=25, side=10, elbow=50, arm_turn=25),
    "slump": _pose(lean=-15, bend=30, nod=15, hip=75, knee=75, out=14, shoulder=35, elbow=60, arm_turn=40),
    "lean_on_knees": _pose(lean=25, bend=25, nod=-25, hip=110, knee=92, out=18, shoulder=55, elbow=70,
                                   arm_turn=30),
    "legs_crossed": _pose(lean=-8, bend=10, hip=[88, 95], knee=[90, 75], out=[5, -12], shoulder=25, elbow=75,
                                  arm_turn=50),
    "floor_long": _pose(lean=-12, bend=20, hip=80, knee=[12, 20], out=12, shoulder=-35, side=15, elbow=10),
    "floor_knees_up": _pose(lean=-10, bend=30, hip=115, knee=105, out=10, shoulder=60, elbow=60, arm_turn=35),
    "floor_tailor": _pose(lean=-5, bend=18, hip=80, knee=125, out=50, turn=-45, shoulder=30, elbow=55,
                                  arm_turn=30),
    "squat": _pose(lean=20, bend=20, nod=-15, hip=120, knee=130, ankle=20, out=15, shoulder=60, elbow=40,
                           arm_turn=20),
    "kneel_one": _pose(lean=3, bend=5, hip=[90, 5], knee=[92, 92], ankle=[0, -35], out=[8, 4], shoulder=25,
                               elbow=55, arm_turn=25),
    "kneel_both": _pose(hip=5, knee=92, ankle=-50, out=8, shoulder=12, elbow=35, arm_turn=20),
    "seiza": _pose(bend=5, hip=68, knee=150, ankle=-55, out=8, shoulder=25, elbow=45, arm_turn=30),
    "kneel_bow": _pose(lean=55, bend=30, nod=-20, hip=110, knee=130, ankle=-50, out=10, shoulder=120, elbow=25),
    "all_fours": _pose(lean=80, bend=5, nod=-45, hip=85, knee=92, ankle=-45, out=5, shoulder=82, side=5,
                               elbow=8),
    "crawl_left": _pose(lean=80, bend=5, nod=-45, hip=[110, 65], knee=[100, 88], ankle=-45, out=5,
                                shoulder=[65, 100], side=5, elbow=12),
    "crawl_right": _pose(lean=80, bend=5, nod=-45, hip=[65, 110], knee=[88, 100], ankle=-45, out=5,
                                 shoulder=[100, 65], side=5, elbow=12),
    "plank": _pose(lean=78, nod=-20, hip=0, knee=4, ankle=35, out=6, shoulder=85, elbow=6),
    "supine": _pose(lean=-88, nod=5, hip=5, knee=10, ankle=-25, out=9, shoulder=8, side=25, elbow=20),
    "supine_knees_up": _pose(lean=-88, nod=8, hip=50, knee=100, out=9, shoulder=10, side=35, elbow=45),
    "supine_arms_up": _pose(lean=-88, hip=4, knee=12, ankle=-25, out=14, shoulder=150, side=25, elbow=40),
    "sit_up": _pose(lean=-45, bend=25, nod=15, hip=70, knee=40, out=9, shoulder=-20, side=20, elbow=40),
    "on_left": _pose(lean=-88, spin=90, bend=10, nod=5, hip=[35, 60], knee=[50, 80], out=4,
                             shoulder=[85, 50], side=5, elbow=[70, 60], arm_turn=20),
    "on_right": _pose(lean=-88, spin=-90, bend=10, nod=5, hip=[60, 35], knee=[80, 50], out=4,
                              shoulder=[50, 85], side=5, elbow=[60, 70], arm_turn=20),
    "prone": _pose(lean=88, nod=-15, hip=0, knee=8, ankle=-40, out=9, shoulder=[20, 150], side=25,
                           elbow=[30, 90]),
    "prone_elbows": _pose(lean=62, bend=-20, nod=-25, hip=-12, knee=8, ankle=-40, out=9, shoulder=75, side=10,
                                  elbow=85),
}
"""Angles of each pose, degrees."""

STORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "sit": (("stand", "seat", "slump", "seat", "stand"), ("stand", "seat", "lean_on_knees", "stand"),
            ("seat", "legs_crossed", "seat"), ("stand", "squat", "floor_long", "floor_knees_up"),
            ("floor_tailor", "floor_knees_up", "floor_long"), ("stand", "seat", "legs_crossed")),
    "kneel": (("stand", "kneel_one", "kneel_both", "kneel_one", "stand"), ("kneel_both", "seiza", "kneel_bow", "seiza"),
              ("stand", "squat", "kneel_both", "seiza"), ("kneel_one", "kneel_both", "all_fours", "kneel_both")),
    "lie": (("stand", "kneel_both", "all_fours", "prone", "prone_elbows"), ("supine", "sit_up", "floor_long"),
            ("supine", "supine_knees_up", "supine_arms_up"), ("supine", "on_left", "sit_up", "squat", "stand"),
            ("on_right", "supine", "on_left"), ("all_fours", "crawl_left", "crawl_right", "crawl_left", "crawl_right"),
            ("prone", "prone_elbows", "all_fours", "kneel_one", "stand"), ("all_fours", "plank", "prone"),
            ("stand", "squat", "floor_long", "sit_up", "supine")),
}
"""Orders of the poses, by kind of act."""
