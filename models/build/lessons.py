"""What the float networks say of a batch of crops: the target that the int8 network learns."""

import cv2
import numpy as np
import torch
from losses import FEATURES, target_of
from movenet import HEADS
from teacher import Teacher, on_grid
from torch.nn import functional

MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
VECTORS = ("regress", "offset")


class Lessons:
    """Targets from a model's own float network and, where there is one, from a tutor's.

    Parameters
    ----------
    graph : Graph of the model, as the student has it
    recipe : recipes.Recipe of it
    tutor : (Graph, Recipe) of a larger network of the same family, or None

    Attributes
    ----------
    size : px, of the crops that `__call__` takes
    """

    def __init__(self, graph, recipe, tutor=None):
        self.own = Voice(graph, recipe)
        self.tutor = tutor and Voice(*tutor)
        self.size = max(voice.size for voice in (self.own, self.tutor) if voice)

    def __call__(self, crops):
        """(x, target, features): the student's input, losses.Target, and what its features should be."""
        x, heads, features = self.own(crops)
        if self.tutor:
            _, heads, _ = self.tutor(crops, heads["center"].shape[-1])
        return x, target_of(heads), features


class Voice:
    """One float network, asked about a picture and its mirror image."""

    def __init__(self, graph, recipe):
        self.teacher, self.size, self.span = Teacher(graph), recipe.size, recipe.mirrored_span

    def __call__(self, crops, grid=None):
        """(x, heads, features) of uint8 crops (n, height, width, 3); heads on a grid of another size if wanted."""
        x = on_grid(resampled(crops, self.size))
        tensors, mirrored = self.teacher(x), self.teacher(x.flip(3))
        heads = averaged_with_mirror(*({name: side[name] for name in HEADS} for side in (tensors, mirrored)), self.span)
        return x, regridded(heads, grid) if grid else heads, tensors[FEATURES]


def resampled(crops, size):
    """Crops at a smaller side in px."""
    if crops.shape[1] == size:
        return crops
    return np.array([cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA) for crop in crops])


def averaged_with_mirror(heads, mirrored, span):
    """The mean of a network's heads and of those for the mirrored picture."""
    back = {name: value.flip(3) for name, value in mirrored.items()}
    back["heatmap"] = back["heatmap"][:, MIRRORED]
    for name in VECTORS:
        back[name] = mirrored_vectors(back[name], span)
    return {name: (heads[name] + back[name]) / 2 for name in heads}


def mirrored_vectors(vectors, span):
    """Swap left and right keypoints; x counts from a cell's other side.

    A cell is one wide, but x and its mirror image add up to a little less in these networks (`span`,
    the median over crops). Taking that keeps the mean where the network has it.
    """
    pairs = vectors.unflatten(1, (-1, 2))[:, MIRRORED]
    return torch.stack([pairs[:, :, 0], span - pairs[:, :, 1]], 2).flatten(1, 2)


def regridded(heads, grid):
    """Heads on a grid of another size.

    A place of r + v cells in the old grid is (r + v) * ratio in the new one; cells are
    read at their middles, which are half a cell from their corners in either grid.
    """
    ratio = grid / heads["center"].shape[-1]
    resized = {name: functional.interpolate(head, size=(grid, grid), mode="bilinear") for name, head in heads.items()}
    return resized | {name: resized[name] * ratio + (1 - ratio) / 2 for name in VECTORS}
