"""What every decoder checks of a manifest's outputs before it relies on them."""

from edgepose.errors import ModelError


def where(model):
    """The file that a fault is in."""
    return model.folder / "manifest.toml"


def check_outputs(model, shapes, needs):
    """Raise ModelError unless the model has int8 outputs of these shapes.

    Parameters
    ----------
    model : Model
    shapes : {name: (rows, columns, depth)}
    needs : str, who needs what, for the message
    """
    for name, shape in shapes.items():
        output = model.outputs.get(name)
        if output is None:
            raise ModelError(f"{where(model)}: outputs.{name} is missing; {needs}")
        if output.shape != shape or output.dtype != "int8":
            raise ModelError(f"{where(model)}: outputs.{name} is {output.dtype} {list(output.shape)};"
                             f" it takes int8 {list(shape)}")
