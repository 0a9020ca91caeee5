"""Why no avatar could be made of a photo, with what the page can do about it."""

from nijigan.client.errors import StylizerError

Box = tuple[int, int, int, int]

# The sidecar's own remedies name options of the command line.
_REMEDIES = {
    "NO_FACE": "Take a photo from the front, or press Anyway to frame the middle.",
    "SEVERAL_FACES": "Choose one below and make the avatar again, or press Anyway for the largest.",
    "FACE_TOO_SMALL": "Take a larger photo of it, or press Anyway.",
    "FACE_BLURRED": "Take a sharper photo of it, or press Anyway.",
}


def remedied(error: StylizerError) -> tuple[StylizerError | None, list[Box]]:
    """Return the error in the words of the page, and the faces: left, top, width, height in pixels.

    None where it is of something else than a face. Faces are told where there are several.
    """
    remedy = _REMEDIES.get(error.reason)
    if remedy is None:
        return None, []
    told = StylizerError(error.message, remedy, error.code, error.reason)
    return told, list(map(_box, filter(None, error.metadata.get("faces", "").split(";"))))


def _box(text: str) -> Box:
    left, top, width, height = (int(number) for number in text.split(","))
    return left, top, width, height
