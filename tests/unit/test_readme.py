"""What the README says of the models is what their manifests say."""

import subprocess
import sys

from tests.conftest import ROOT


def test_accuracy_tables_are_generated_from_the_manifests():
    done = subprocess.run([sys.executable, ROOT / "models" / "build" / "table.py", "--check"],
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_readme_names_every_model_and_its_command():
    from edgepose import model

    text = (ROOT / "README.md").read_text()
    for found in map(model.load, model.known()):
        assert found.name in text
        assert all(" ".join(measured["command"].split()[:2]) in text for measured in found.accuracy.values())
