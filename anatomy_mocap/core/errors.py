"""The one error base of the package."""


class MocapError(Exception):
    """Bad input or settings, told to the user in one line.

    The message names the file (or setting), what was found and what to do about it:
    `dance.mp4: no video stream (found: 1 audio stream); choose a video file`.
    Operators report it, the command line prints it and exits with 2.
    """
