"""The exit code of a benchmark reports its failure."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("body", "code"), [("print('done')", 0), ("raise ValueError('no')", 1), ("sys.exit(2)", 2),
                                            ("sys.exit('no such rig')", 1)])
def test_the_exit_code_tells(body, code):
    script = f"import sys\nfrom benchmarks.leaving import run_and_leave\ndef main():\n    {body}\nrun_and_leave(main)"
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == code
    assert ("done" in answer.stdout) == (code == 0) and ("ValueError: no" in answer.stderr) == ("raise" in body)
