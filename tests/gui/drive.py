"""Runs Blender on a virtual screen inside the chroot, and takes pictures and presses keys for the scenario.

    drive.py WORK SCENARIO        WORK: folder for the files that scenario and driver exchange
"""

import os
import pathlib
import subprocess
import sys
import time

SIZE = (1600, 900)


def main(work: pathlib.Path, scenario: str) -> int:
    """Drive one run and return Blender's exit code."""
    runtime = work / "runtime"
    runtime.mkdir(mode=0o700)
    environment = {**os.environ, "LIBGL_ALWAYS_SOFTWARE": "1", "XDG_RUNTIME_DIR": str(runtime)}
    reader, writer = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "+extension", "GLX",
         "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as number:  # Xvfb chooses a free display and prints its number
            environment["DISPLAY"] = ":" + number.readline().strip()
        blender = subprocess.Popen(
            ["blender", "--window-geometry", "0", "0", *map(str, SIZE), "--python-exit-code", "1", "--python",
             scenario, "--", str(work)], env=environment)
        while blender.poll() is None:
            serve(work, environment)
            time.sleep(0.1)
        return blender.returncode
    finally:
        screen.terminate()
        screen.wait()


def serve(work: pathlib.Path, environment: dict) -> None:
    """Carry out the scenario's requests in files "NAME.ask". Each file is removed when its request is done."""
    for request in sorted(work.glob("*.ask")):
        word, _, argument = request.read_text().partition(" ")
        if word == "picture":
            command = ["import", "-window", "root", str(work / argument)]
        elif word == "key":
            # Keys go to the area under the pointer, so move it over the 3D view.
            command = ["xdotool", "mousemove", "600", "450", "mousemove_relative", "1", "1", "sleep", "0.3", "key",
                       argument]
        else:
            raise SystemExit(f"{request.name}: the driver does not know {word!r}")
        subprocess.run(command, env=environment, check=True)
        request.unlink()


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
