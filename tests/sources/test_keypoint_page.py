"""docs/use/keypoint_files.md: its examples are those of the tests' files, and each of them is read."""

from __future__ import annotations

import runpy

import pytest

from anatomy_mocap.sources.keypoint_file import open_keypoints
from tests.support.keypoint_cases import SIZE, T

written = runpy.run_path("docs/write_keypoint_forms.py", run_name="docs")
FORMS = {form.title: form for form in written["FORMS"]}


def test_the_page_is_up_to_date():
    text = written["PAGE"].read_text(encoding="utf-8")
    assert written["page"](text) == text, "run python docs/write_keypoint_forms.py"


@pytest.mark.parametrize("title", FORMS)
def test_each_form_of_the_page_is_read(tmp_path, tmp_path_factory, title):
    file = open_keypoints(FORMS[title].make(tmp_path), size=SIZE)
    assert len(file.keypoints) in (T, 1) and (file.keypoints.score > 0).any()
    assert all(len(line) <= 120 for line in written["example"](FORMS[title].make(tmp_path_factory.mktemp("again"))))
