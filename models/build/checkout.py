"""Puts the checkout on the path when it is imported: the build uses the package that it builds for."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
