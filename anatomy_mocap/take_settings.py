"""The clean-up settings that a take carries in its file, so that a result can be made again as it was tuned, and what
they do to a motion."""

from __future__ import annotations

from dataclasses import replace

from .animation.animate import CleanUp
from .core.errors import MocapError
from .core.take import Take
from .settings import OF_TAKES, AnimationSettings, options_of


def settings_in(take: Take) -> AnimationSettings:
    """The settings that a take carries; the defaults where it has none.

    MocapError names a setting that this version of the add-on does not know, or whose value it cannot use.
    """
    known = {name: option for name, _, option in options_of(AnimationSettings)}
    for name, value in take.settings.items():
        if name not in known:
            raise MocapError(f"the take carries a setting {name!r} that this version of the add-on does not know; "
                             "update the add-on, or forget the settings with `tune --forget`")
        kinds = {"flag": (bool,), "choice": (str,)}.get(known[name].kind, (int, float))
        optional = value is None and getattr(OF_TAKES, name) is None
        if not optional and type(value) not in kinds:
            raise MocapError(f"the take carries {value!r} as its setting {name}; "
                             "forget its settings with `tune --forget`, or capture the source again")
    return replace(OF_TAKES, **take.settings)


def with_settings(take: Take, settings: AnimationSettings) -> Take:
    """The take with these settings; only those that differ from the defaults are kept."""
    return replace(take, settings=differing(settings))


def differing(settings: AnimationSettings) -> dict:
    """Name -> value of the settings that are not the defaults of takes."""
    return {name: getattr(settings, name) for name, _, _ in options_of(AnimationSettings)
            if getattr(settings, name) != getattr(OF_TAKES, name)}


def clean_up_of(settings: AnimationSettings) -> CleanUp:
    """What these settings do to a motion beside smoothing and grounding it."""
    return CleanUp(settings.regions, settings.repair, settings.doubt, settings.palms, settings.holds, settings.limits,
                   settings.bridge)
