"""What the float network says of a batch of crops: the target that the int8 network learns."""

import torch
from losses import FEATURES, target_of
from movenet import HEADS
from teacher import Teacher, on_grid

MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


class Lessons:
    """Targets from the float network, asked about a picture and its mirror image.

    Parameters
    ----------
    graph : Graph of the model, as the student has it
    span : cells that x and its mirror image add up to (recipes.Recipe.mirrored_span)
    """

    def __init__(self, graph, span):
        self.teacher, self.span = Teacher(graph), span

    def __call__(self, crops):
        """(x, target, features) of uint8 crops: the student's input, losses.Target, and what its features should be."""
        x = on_grid(crops)
        tensors, mirrored = self.teacher(x), self.teacher(x.flip(3))
        heads = averaged_with_mirror(*({name: side[name] for name in HEADS} for side in (tensors, mirrored)), self.span)
        return x, target_of(heads), tensors[FEATURES]


def averaged_with_mirror(heads, mirrored, span):
    """The mean of a network's heads and of those for the mirrored picture."""
    back = {name: value.flip(3) for name, value in mirrored.items()}
    back["heatmap"] = back["heatmap"][:, MIRRORED]
    for name in ("regress", "offset"):
        back[name] = mirrored_vectors(back[name], span)
    return {name: (heads[name] + back[name]) / 2 for name in heads}


def mirrored_vectors(vectors, span):
    """Swap left and right keypoints; x counts from a cell's other side.

    A cell is one wide, but x and its mirror image add up to a little less in these networks: `span`, the
    median over crops. Taking that keeps the mean where the network has it.
    """
    pairs = vectors.unflatten(1, (-1, 2))[:, MIRRORED]
    return torch.stack([pairs[:, :, 0], span - pairs[:, :, 1]], 2).flatten(1, 2)
