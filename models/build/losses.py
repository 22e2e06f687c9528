"""How far a student's heads are from what the decode would read in the teacher's.

Every term looks where the decode looks: scores count by their weight in the
decode, offsets at the cells that may win, regression at the centres that may
win. Tensors are (n, channels, grid, grid).
"""

from dataclasses import dataclass

import torch
from movenet import SOFTENING
from torch.nn import functional

SHARPNESS = 2.0
WEIGHTS = dict(scores=1.0, places=1.0, offset=5.0, regress=0.5, center=1.0, features=1.0)
FEATURES = "re_lu_2/Relu"


@dataclass
class Target:
    """What the teacher says of one batch.

    heat : (n, 17, g, g), scores; near : the decode's weights of them
    place : (n, 17, g, g), how likely each cell is to win; seen : (n, 17), its score
    center, middle, center_place : heat, near and place of the person's centre
    """

    heat: torch.Tensor
    near: torch.Tensor
    place: torch.Tensor
    seen: torch.Tensor
    offset: torch.Tensor
    regress: torch.Tensor
    center: torch.Tensor
    middle: torch.Tensor
    center_place: torch.Tensor


def target_of(heads):
    """A Target from the teacher's heads."""
    heat, center = heads["heatmap"].sigmoid(), heads["center"].sigmoid()
    middle = nearness(torch.full((1, 1, 2), heat.shape[-1] / 2), heat.shape[-1])
    near = nearness(expected_places(heads["regress"], center * middle), heat.shape[-1])
    place, center_place = places(heat.log(), near), places(center.log(), middle)
    seen = (place * heat).sum((2, 3))
    return Target(heat, near, place, seen, heads["offset"], heads["regress"], center, middle, center_place)


def expected_places(regress, center):
    """(n, 17, 2): row and column where each keypoint is expected."""
    grid = regress.shape[-1]
    best = center.flatten(1).argmax(1)
    at = regress.flatten(2).gather(2, best.reshape(-1, 1, 1).expand(-1, regress.shape[1], 1))
    cell = torch.stack([best // grid, best % grid], 1)
    return at.reshape(len(best), -1, 2) + cell[:, None]


def nearness(points, grid):
    """1 at a point, falling with distance as the decode's weights do.

    Parameters
    ----------
    points : (n, m, 2), row and column
    """
    cells = torch.arange(grid, dtype=torch.float32)
    rows, columns = cells[:, None] - points[..., 0, None, None], cells - points[..., 1, None, None]
    return SOFTENING / (torch.hypot(rows, columns) + SOFTENING)


def places(log_scores, weights):
    """A distribution over cells, sharp around the winner."""
    return log_places(log_scores, weights).exp()


def log_places(log_scores, weights):
    """The logarithm of it."""
    sharp = SHARPNESS * (log_scores + weights.log())
    return sharp.flatten(2).log_softmax(2).reshape(sharp.shape)


def loss_terms(heads, target):
    """{term: scalar}, to be weighted and added.

    Parameters
    ----------
    heads : the student's, logits and cells
    target : Target
    """
    sure = torch.ones(len(target.seen), 1)
    logits, middle = heads["center"], target.middle
    lost = place_loss(logits, middle, target.center_place, sure)
    return dict(
        scores=score_loss(heads["heatmap"], target.heat, target.near),
        places=place_loss(heads["heatmap"], target.near, target.place, target.seen),
        offset=vector_loss(heads["offset"], target.offset, target.place, target.seen),
        regress=vector_loss(heads["regress"], target.regress, target.center_place, sure),
        center=score_loss(logits, target.center, middle) + lost,
    )


def score_loss(logits, scores, weights):
    """Divergence of scores, summed over cells by their weight in the decode."""
    cross = functional.binary_cross_entropy_with_logits(logits, scores, reduction="none")
    own = functional.binary_cross_entropy(scores, scores, reduction="none")
    return ((cross - own) * weights).sum((2, 3)).mean()


def place_loss(logits, weights, place, seen):
    """Divergence of where the winners are."""
    found = log_places(functional.logsigmoid(logits), weights)
    divergence = (place * (place.clamp_min(1e-9).log() - found)).sum((2, 3))
    return (divergence * seen).mean()


def vector_loss(found, wanted, place, seen):
    """Mean error in cells, at the cells that may win."""
    errors = (found - wanted).abs().unflatten(1, (place.shape[1], -1)).mean(2)
    return ((errors * place).sum((2, 3)) * seen).mean()


def feature_loss(found, wanted):
    """Mean square error of the heads' common input, over its own power."""
    return functional.mse_loss(found, wanted) / wanted.square().mean()
