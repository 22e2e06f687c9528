"""Decoders: quantised heads to keypoints, integers only. Found by the name in a model's manifest."""

import importlib

from edgepose import skeleton as skeletons
from edgepose.decoders.mapped import MappedDecoder
from edgepose.errors import ModelError

DECODERS = {
    "movenet": "edgepose.decoders.movenet:MovenetDecoder",
    "openpose": "edgepose.decoders.openpose:OpenposeDecoder",
}
#: Decoders of several people's rough poses, for models whose own decoder finds one person.
SEVERAL = {"movenet": "edgepose.decoders.movenet_people:MovenetPeopleDecoder"}


def create(model, skeleton=skeletons.DEFAULT, several=False):
    """The decoder that a model's manifest names, set up for its heads.

    Parameters
    ----------
    model : Model
    skeleton : str, name of the Skeleton that it writes
    several : bool, of a model that finds one person the decoder that finds more, roughly

    Raises
    ------
    ModelError : the decoder is not known, or the model does not fit it
    ConfigError : the skeleton is not known
    """
    wanted = skeletons.find(skeleton)
    if model.decoder not in DECODERS:
        raise ModelError(f"{model.folder / 'manifest.toml'}: decoder: {model.decoder!r} is not known;"
                         f" one of {', '.join(DECODERS)}")
    entry = SEVERAL.get(model.decoder, DECODERS[model.decoder]) if several else DECODERS[model.decoder]
    module, name = entry.split(":")
    decoder = getattr(importlib.import_module(module), name)(model)
    return decoder if decoder.skeleton == wanted else MappedDecoder(decoder, wanted)
