"""Decoders: quantised heads to keypoints, integers only. Found by the name in a model's manifest."""

import importlib

from edgepose.errors import ModelError

DECODERS = {"movenet": "edgepose.decoders.movenet:MovenetDecoder"}


def create(model):
    """The decoder that a model's manifest names, set up for its heads."""
    if model.decoder not in DECODERS:
        raise ModelError(f"{model.folder / 'manifest.toml'}: decoder: {model.decoder!r} is not known;"
                         f" one of {', '.join(DECODERS)}")
    module, name = DECODERS[model.decoder].split(":")
    return getattr(importlib.import_module(module), name)(model)
