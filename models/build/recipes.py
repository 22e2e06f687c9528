"""What each model is made from, and how long it learns."""

from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Recipe:
    """One model.

    Parameters
    ----------
    name : of the model, of its folder and of the weights in the package (fetch.py)
    title : for the file's description
    summary : for the manifest
    size : px, side of the input
    mirrored_span : cells that x and its mirror image add up to, the median over crops
    batches, pace : how long and how fast (distil.py)
    peer : the publisher's own int8 file under EDGEPOSE_MODELS_SHARED, or ""
    """

    name: str
    title: str
    summary: str
    size: int
    mirrored_span: float
    batches: int
    pace: float
    peer: str = ""

    @property
    def folder(self):
        """Where the finished model goes."""
        return MODELS / self.name

    @property
    def file(self):
        """Name of the finished file."""
        return f"{self.name}.tflite"


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="movenet-lightning",
            title="MoveNet SinglePose Lightning",
            summary="One person, 17 COCO keypoints, 192x192 input; the fast default",
            size=192,
            mirrored_span=0.85,
            batches=1600,
            pace=0.3,
            peer="peers/movenet_single_pose_lightning_ptq.tflite",
        ),
        Recipe(
            name="movenet-thunder",
            title="MoveNet SinglePose Thunder",
            summary="One person, 17 COCO keypoints, 256x256 input; more accurate, several times slower",
            size=256,
            mirrored_span=0.91,
            batches=300,
            pace=0.2,
        ),
    )
}
