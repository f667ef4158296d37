"""The rows of the paper's ablation: table 4 and the four comparisons after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .skeleton17 import PAPER17
from .variants_of_the_lifter import VariantConfig


@dataclass(frozen=True)
class Variant:
    """One row. title: of the tables. paper: its MPJPE there, mm (Human3.6M, 81 frames).

    anatomic: lengths and directions apart, or joints regressed at once. frame_loss (ML): the length network predicts
    joints, trained by the MPJPE of one frame. attention (BoneAtt), augmented (AUG), joint_shift (JSL): as the paper
    names them. stack: "skips" (LSC), "deep", "single". scores: "attention" (ScoreAtt), "concatenated", "none".
    consecutive: the frames for the lengths are the current one's neighbours, not random ones.
    """

    title: str
    paper: float
    anatomic: bool = True
    frame_loss: bool = True
    attention: bool = True
    augmented: bool = True
    joint_shift: bool = True
    stack: str = "single"
    scores: str = "none"
    consecutive: bool = False

    def config(self, channels: int, widths: int, causal: bool = False) -> VariantConfig:
        """The network's sizes on the paper's 17 joints."""
        lengths = "direct" if not self.frame_loss else "attention" if self.attention else "mean"
        return VariantConfig(
            len(PAPER17), PAPER17.parents, channels, widths, causal, self.scores, self.stack, lengths,
            "directions" if self.anatomic else "joints")


_SHIFT = Variant("AF + ML + BoneAtt + AUG + JSL", 45.8)
_AUG = replace(_SHIFT, title="AF + ML + BoneAtt + AUG", paper=46.3, joint_shift=False)
_ATTENTION = replace(_AUG, title="AF + ML + BoneAtt", paper=46.5, augmented=False)
_FRAME = replace(_ATTENTION, title="AF + ML", paper=46.6, attention=False)
_NAIVE = replace(_FRAME, title="AF, naive", paper=48.4, frame_loss=False)
_SKIPS = replace(_SHIFT, title="AF + ML + BoneAtt + AUG + JSL + LSC", paper=45.1, stack="skips")
FULL = replace(_SKIPS, title="AF, all (+ LSC + ScoreAtt)", paper=44.6, scores="attention")
"""The paper's model."""

ROWS: dict[str, Variant] = {
    "baseline": replace(_NAIVE, title="Baseline: joints regressed", paper=47.7, anatomic=False),
    "baseline_shift": replace(_NAIVE, title="Baseline + JSL", paper=47.5, anatomic=False, joint_shift=True),
    "naive": _NAIVE,
    "ml": _FRAME,
    "bone_attention": _ATTENTION,
    "augmented": _AUG,
    "joint_shift": _SHIFT,
    "long_skips": _SKIPS,
    "full": FULL,
    "consecutive": replace(_SHIFT, title="JSL, lengths from consecutive frames", paper=46.7, consecutive=True),
    "deep": replace(_SHIFT, title="JSL, deeper stack without skips (Baseline-D)", paper=45.8, stack="deep"),
    "concatenated": replace(FULL, title="LSC, scores concatenated (Fusion)", paper=44.8, scores="concatenated"),
}
"""The rows by name, in the paper's order."""
