"""The kinds of rules, a class each: `update` every frame, `forget` who is gone, `close` when the rule is off."""

from edgepose.daemon.rules.kinds.alone import Alone
from edgepose.daemon.rules.kinds.blind import Blind
from edgepose.daemon.rules.kinds.count import Count
from edgepose.daemon.rules.kinds.down import Fall, Lying
from edgepose.daemon.rules.kinds.line import LineCrossing
from edgepose.daemon.rules.kinds.missing import Missing
from edgepose.daemon.rules.kinds.stays import Enter, Leave, Loiter

KINDS = {"enter": Enter, "leave": Leave, "line": LineCrossing, "loiter": Loiter, "count": Count, "fall": Fall,
         "lying": Lying, "missing": Missing, "alone": Alone, "blind": Blind}
