"""Decoders: quantised heads to keypoints, integers only. Found by the name in a model's manifest."""

import importlib

from edgepose import skeleton as skeletons
from edgepose.decoders.mapped import MappedDecoder
from edgepose.errors import ModelError

DECODERS = {
    "movenet": "edgepose.decoders.movenet:MovenetDecoder",
    "openpose": "edgepose.decoders.openpose:OpenposeDecoder",
}


def create(model, skeleton=skeletons.DEFAULT):
    """The decoder that a model's manifest names, set up for its heads.

    Parameters
    ----------
    model : Model
    skeleton : str, name of the Skeleton that it writes

    Raises
    ------
    ModelError : the decoder is not known, or the model does not fit it
    ConfigError : the skeleton is not known
    """
    wanted = skeletons.find(skeleton)
    if model.decoder not in DECODERS:
        raise ModelError(f"{model.folder / 'manifest.toml'}: decoder: {model.decoder!r} is not known;"
                         f" one of {', '.join(DECODERS)}")
    module, name = DECODERS[model.decoder].split(":")
    decoder = getattr(importlib.import_module(module), name)(model)
    return decoder if decoder.skeleton == wanted else MappedDecoder(decoder, wanted)
