"""The one base class of the package's errors."""


class MocapError(Exception):
    """An input or a setting that cannot be used.

    The message is one line. It names the file or setting, the cause and the remedy:
    `dance.mp4: no video stream (found: 1 audio stream); choose a video file`.
    Operators report it; the command line prints it and exits with 2.
    """
