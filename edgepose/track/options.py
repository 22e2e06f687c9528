"""What a user may choose of tracking."""

from dataclasses import dataclass

from edgepose.errors import ConfigError

MOST_PEOPLE = 64


@dataclass(frozen=True)
class Options:
    """How people are tracked.

    Attributes
    ----------
    max_people : int 1..64, or None: 8 with a network that finds one person at a time, else all that it finds
    budget_ms : float, what the looks at one frame may take together, or None for no limit; of a network that finds one
        person at a time
    scout : str, the model that helps such a network to find people who are new: "auto" takes lightweight-openpose where
        it has been pulled, "none" leaves it to the network itself
    gate : bool, frames in which nothing has changed do not go to the network
    smooth : bool, keypoints and boxes are smoothed over time

    Raises
    ------
    ConfigError : a number is out of its range
    """

    max_people: int = None
    budget_ms: float = None
    scout: str = "auto"
    gate: bool = True
    smooth: bool = True

    def __post_init__(self):
        n, budget = self.max_people, self.budget_ms
        if n is not None and (type(n) is not int or not 1 <= n <= MOST_PEOPLE):
            raise ConfigError(f"max people is {n!r}; it takes a whole number from 1 to {MOST_PEOPLE}")
        if budget is not None and not 0 < budget < 1e6:  # not a number fails it too
            raise ConfigError(f"budget ms is {budget!r}; it takes a number above 0, in milliseconds a frame")
