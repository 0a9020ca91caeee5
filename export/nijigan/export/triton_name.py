"""What a model of a Triton repository is called: by who writes it and by who asks for it."""

from nijigan.export.style import Style


def triton_model_name(style: Style, quality: str) -> str:
    """Return the name of the model that draws a quality: qualities of one file share a model."""
    file = style.qualities[quality].file
    return next(f"{style.name}_{own}" for own, of in style.distinct().items() if of == file)
