"""Scenario inside Blender's window: the gaps of a 20 ms timer while a capture runs, and a second one that waits for it.

It reads WORK/job.json, {"video": PATH}, and writes into WORK/told.json, for each part of the run, its seconds and its
longest gaps as (seconds from the part's start, gap, what the panel showed). The redraws of the add-on are left out:
without a graphics card they take longer than all else.
"""

import os
import pathlib
import sys
import time

import bpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from window import JOB, ask, call, empty_scene, play, show_tab, told

EVERY, LISTED, SETTLE = 0.02, 8, 15.0


class Ticks:
    """A timer that notes when it is late."""

    def __init__(self):
        self.start = self.last = time.perf_counter()
        self.gaps = []

    def __call__(self):
        now = time.perf_counter()
        self.gaps.append((now - self.start, now - self.last - EVERY, bpy.context.window_manager.anatomy_mocap.text))
        self.last = time.perf_counter()
        return EVERY

    def part(self, name):
        """Note the part that ends now, and begin the next one."""
        longest = sorted(self.gaps, key=lambda gap: -gap[1])[:LISTED]
        told[name] = {"seconds": time.perf_counter() - self.start, "ticks": len(self.gaps),
                      "longest": [(round(at, 2), round(gap, 3), text) for at, gap, text in longest]}
        self.start, self.gaps = time.perf_counter(), []


def scenario():
    """Run the steps; yields seconds to wait."""
    empty_scene()
    settings, shown = bpy.context.scene.anatomy_mocap, bpy.context.window_manager.anatomy_mocap
    settings.source = JOB["video"]
    yield from show_tab()
    jobs = next(module for name, module in sys.modules.items() if name.endswith(".blender.ui.jobs"))
    jobs.redraw = lambda: None
    ticks = Ticks()
    bpy.app.timers.register(ticks)
    yield SETTLE  # the first drawings of the window take seconds
    ticks.part("the window's start")
    told["load"], told["cores"] = os.getloadavg()[0], os.cpu_count()
    yield 3.0
    ticks.part("idle")
    started = time.perf_counter()
    call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT", True)  # as a press: for Repeat Last
    told["press"] = time.perf_counter() - started
    while shown.running and shown.fraction < 0.3:
        yield EVERY
    ticks.part("from the press")
    yield from ask("again", "key shift+r")  # its redraw of the view is no part of the capture
    yield 1.0
    told["waiting"] = shown.waiting
    ticks.part("repeat last")
    while shown.waiting:
        yield EVERY
    ticks.part("to the first take")
    while shown.running:
        yield EVERY
    ticks.part("the second capture")
    told["takes"] = [(take.name, take.frames) for take in settings.takes]
    told["load after"] = os.getloadavg()[0]
    bpy.app.timers.unregister(ticks)


play(scenario)
