"""The float network of a recipe, and the pictures that it is calibrated and compared on."""

from functools import cached_property

from calibrate import extremes, head_samples
from crops import data_dir
from fetch import fetch_weights
from lower import write_float
from movenet import read_movenet
from network import Network
from people import find_people, person_crops, whole_pictures
from ranges import head_ranges, inner_ranges, searched_ranges
from recipes import RECIPES

PICTURES = "coco-unlabelled"
HELD_OUT_EVERY = 4
WHOLE_EVERY = 8
FINDER = "movenet-lightning"  # the fastest, so that all models are made from the same people


def float_graph(recipe):
    """The Graph of a recipe's published weights."""
    return read_movenet(fetch_weights(recipe.name), recipe.size)


class Material:
    """What one model is made from.

    Parameters
    ----------
    recipe : recipes.Recipe
    """

    def __init__(self, recipe):
        self.size = recipe.size
        self.graph = float_graph(recipe)
        self.floats = Network(write_float(self.graph, recipe.title))
        self.paths = sorted((data_dir() / PICTURES).glob("*.jpg"))
        if not self.paths:
            raise SystemExit(f"{data_dir() / PICTURES}: no pictures; set EDGEPOSE_DATA to the folder that holds it")
        self.held_out_paths = set(self.paths[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])

    @cached_property
    def everybody(self):
        """(path, box) of everybody in all pictures."""
        finder = RECIPES[FINDER]
        return find_people(Network(write_float(float_graph(finder), finder.title)), self.paths)

    @cached_property
    def people(self):
        """(path, box) of everybody in three of four pictures: to learn from."""
        return [person for person in self.everybody if person[0] not in self.held_out_paths]

    @cached_property
    def crops(self):
        """One crop of each of them, in order."""
        return person_crops(self.everybody, self.size)

    @property
    def held_out(self):
        """Crops of everybody in the other pictures: to choose by."""
        return [crop for crop, (path, _) in zip(self.crops, self.everybody) if path in self.held_out_paths]

    @cached_property
    def calibration(self):
        """Every other crop of those to learn from, and whole pictures."""
        learned = [crop for crop, (path, _) in zip(self.crops, self.everybody) if path not in self.held_out_paths]
        return [*learned[::2], *whole_pictures(self.paths[::WHOLE_EVERY], self.size)]

    @cached_property
    def extremes(self):
        """What every tensor of the float network holds over those crops."""
        return extremes(self.graph, self.calibration)

    @cached_property
    def head_ranges(self):
        """The ranges that the decode looks at."""
        return head_ranges(head_samples(self.floats, self.calibration))

    def ranges(self, graph, quantile):
        """{tensor: (low, high)} of a form of the float graph; those of a quantile, or searched if it is None."""
        found = extremes(graph, self.calibration)
        inner = searched_ranges(graph, found) if quantile is None else inner_ranges(graph, found, quantile)
        return inner | self.head_ranges
