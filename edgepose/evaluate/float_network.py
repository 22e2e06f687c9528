"""What a model's manifest says of the float network that its int8 file was made from."""


def measured(model, protocol, truth, n_pictures):
    """{"AP", "command"} of the float network on the same pictures, or None where the manifest measured others.

    Parameters
    ----------
    model : Model
    protocol : str
    truth : Annotations
    n_pictures : int, how many of them are looked at
    """
    entry = model.accuracy.get(protocol, {})
    same = (entry.get("annotations_sha256"), entry.get("images")) == (truth.sha256, n_pictures)
    return {"AP": entry["float"]["ap"], "command": entry["command"]} if same and "float" in entry else None
