"""JSON read in pieces: the same documents and the same faults as json.loads."""

import json

import pytest

from anatomy_mocap.core.progress import drain
from anatomy_mocap.sources.keypoint_formats.json_files import parse_json

GOOD = ["[]", " [ ] ", "{}", "[1, 2.5, -3e4]", '{"a": [1, {"b": []}], "c": {"d": null}}', '[[1], {"x": "]}"}]', "3",
        '"text"', 'null', "[NaN, Infinity]", '{"a": 1, "a": [2]}', '\n[\n 1,\n\t2 ]\n', '{"a": [], "b": {}}',
        '["\\u00e9", "é"]']
BAD = ["[", "[1", "[1,", "[1,]", "[1 2]", "{", '{"a"', '{"a":', '{"a": 1',
       '{"a": 1,', '{"a": 1,}', "{1: 2}", '{"a" 1}',
       "[] []", "[1]]", "{'a': 1}", "[1}", "", "  ", "nul"]


@pytest.mark.parametrize("text", GOOD)
def test_the_same_document(text):
    assert repr(drain(parse_json(text))) == repr(json.loads(text))


@pytest.mark.parametrize("text", BAD)
def test_the_same_fault(text):
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as found:
        drain(parse_json(text))
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("wrap", [lambda frames: frames, lambda frames: {"fps": 30, "frames": frames},
                                  lambda frames: {str(number): frame for number, frame in enumerate(frames)}])
def test_a_long_document_comes_in_steps(wrap):
    document = wrap([{"keypoints": [0.123456] * 300} for _ in range(600)])
    text, steps = json.dumps(document), []
    assert drain(parse_json(text), steps.append) == document
    done = [step.done for step in steps]
    assert len(done) > 5 and done == sorted(done) and steps[-1].total == len(text)
