"""The protocols of the two sets: errors by action on Human3.6M, PCK, AUC and MPJPE on MPI-INF-3DHP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ... import metrics
from ..infer import Seen
from .h36m import ACTIONS
from .mpi_inf_3dhp import FOURTEEN

PROTOCOLS = {"protocol 1": metrics.mpjpe, "protocol 2": metrics.p_mpjpe, "protocol 3": metrics.n_mpjpe,
             "velocity": metrics.mpjve}


def joints_of(part: Seen, regressed: bool) -> np.ndarray:
    """The joints of a prediction: by equation 1, or the regressed ones (as in the paper's tables)."""
    if not regressed:
        return part.predicted.joints
    if part.predicted.regressed is None:
        raise MocapError("this network regresses no joints beside its own; take those, or another row of the ablation")
    return part.predicted.regressed


def by_action(seen: list[Seen], regressed: bool = False) -> dict[str, dict[str, float]]:
    """Errors in mm of every action and of their mean "Avg", for each protocol; `actions_in` counts the actions.

    Raises MocapError for an action that is not one of the fifteen.
    """
    unknown = sorted({part.action for part in seen} - set(ACTIONS))
    if unknown:
        raise MocapError(f"{', '.join(unknown)}: none of the fifteen actions ({', '.join(ACTIONS)}); name or "
                         "remove them as the usual files do")
    result: dict[str, dict[str, float]] = {}
    for name, error in PROTOCOLS.items():
        rows = {}
        for action in ACTIONS:
            parts = [part for part in seen if part.action == action and len(part.true)]
            if parts:
                values = [1000 * error(joints_of(part, regressed), part.true) for part in parts]
                rows[action] = float(np.average(values, weights=[len(part.true) for part in parts]))
        if not rows:
            raise MocapError("no frame of the fifteen actions; is it Human3.6M's test set?")
        result[name] = rows | {"Avg": float(np.mean(list(rows.values())))}
    return result


def actions_in(figures: dict[str, dict[str, float]]) -> int:
    """The number of actions in the mean "Avg" of by_action's figures; 15 for a whole set."""
    return len(figures["protocol 1"]) - 1


@dataclass(frozen=True)
class ThreeD:
    """PCK at 150 mm and AUC in %, MPJPE in mm, over all counted frames and the 14 joints."""

    pck: float
    auc: float
    mpjpe: float


def three_d(seen: list[Seen], regressed: bool = False) -> ThreeD:
    """MPI-INF-3DHP's figures."""
    true = np.concatenate([part.true for part in seen])
    found = np.concatenate([joints_of(part, regressed) for part in seen])
    if not len(true):
        raise MocapError("no frame counts; is it MPI-INF-3DHP's test set?")
    off = np.linalg.norm(metrics.root_aligned(found) - metrics.root_aligned(true), axis=-1)[:, list(FOURTEEN)]
    return ThreeD(100 * metrics.pck(found, true, FOURTEEN), 100 * metrics.auc(found, true, FOURTEEN),
                  1000 * float(off.mean()))
