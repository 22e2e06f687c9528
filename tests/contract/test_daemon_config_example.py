"""What the example says happens on its clip happens there."""

import importlib

import pytest

from edgepose import decoders, model, skeleton, sources
from edgepose.daemon.config import reading
from edgepose.track import open_pipeline
from edgepose.track.options import Options
from tests.conftest import ROOT, create_backend

EXAMPLE = ROOT / "edgepose" / "daemon" / "config" / "example.toml"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The rules of the example that say something of its clip, and what of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(tmp_path_factory.mktemp("state")))
        camera = reading.read(EXAMPLE).cameras[0]
    book = importlib.import_module("edgepose.daemon.rules.book").RuleBook(camera, skeleton.find(skeleton.DEFAULT))
    network = model.load(model.DEFAULT)
    source = sources.open_source(camera.source)
    options = Options(max_people=camera.max_people, scout="none")
    with open_pipeline(source, network, create_backend("tflite"), decoders.create(network), options,
                       lambda other: create_backend("tflite")) as pipeline:
        return {(signal.rule, signal.state) for poses in pipeline for signal in book.update(poses, "away")}


def test_example_when_its_clip_plays_tells_of_people(told):
    assert {("somebody comes", "begin"), ("hangs around", "begin"), ("two or more", "begin"),
            ("across the kerb", "instant")} <= told


def test_example_when_its_clip_plays_gives_no_alarm(told):
    assert not {rule for rule, _ in told} & {"on the lawn", "fall", "cannot see"}
