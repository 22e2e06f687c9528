"""The process of its own of one check, `python -m edgepose.doctor NAME`, see `apart`."""

import json
import sys

from edgepose import doctor
from edgepose.doctor.apart import MARK

print(MARK + json.dumps(doctor.examine_one(sys.argv[1])))
