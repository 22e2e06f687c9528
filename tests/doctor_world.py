"""What the tests of doctor share: the recorded trees by name, and the schema of its JSON."""

import json
from pathlib import Path

import jsonschema

import edgepose
from tests.board_trees import BOARDS

TREES = sorted(path.stem for path in BOARDS.glob("*.txt") if path.stem != "pmic_read_adc")

_SCHEMA = json.loads((Path(edgepose.__file__).parent / "schemas" / "doctor-1.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(_SCHEMA)
validator = jsonschema.Draft202012Validator(_SCHEMA)
