"""Makes an avatar of a photo: finds the face, frames it, draws it, and sees to what is behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nijigan.core.images import Picture
from nijigan.server.avatar.background import Background
from nijigan.server.avatar.choice import choose, from_the_left
from nijigan.server.avatar.detector import FaceDetector
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.frame import Frame, cut, frame_face, frame_middle
from nijigan.server.avatar.person_finder import PersonFinder
from nijigan.server.avatar.sheet import Variant
from nijigan.server.cancel import Cancel
from nijigan.server.stylizer import Draws, Settings

DRAWN_SIDE = 512
"""The side that avatars are drawn at, in pixels: there a line is bold enough to be left at 64, and
eyes are large enough to be drawn. Larger ones are brought back by the stylizer."""


@dataclass(frozen=True)
class Wish:
    """number, anyway: see `choose`. level_eyes: see `frame_face`."""

    number: int = 0
    anyway: bool = False
    level_eyes: bool = False


@dataclass(frozen=True)
class Framed:
    """A picture's faces from the left, the one that was taken (None: the middle), and its frame."""

    faces: Sequence[Face]
    chosen: Face | None
    frame: Frame


@dataclass(frozen=True)
class Look:
    """drawn_as: the variants that are wanted. background: behind all. quality: of all."""

    drawn_as: Sequence[Variant]
    background: Background
    quality: str = "normal"


class AvatarMaker:
    """Any number of threads may call. The networks are loaded when they are needed first."""

    @cached_property
    def _detector(self) -> FaceDetector:
        return FaceDetector()

    @cached_property
    def _people(self) -> PersonFinder:
        return PersonFinder()

    def frame(self, picture: Picture, wish: Wish, cancel: Cancel) -> Framed:
        """Find the face and what to cut out around it.

        Raises:
            CancelledError: `cancel` was set.
            NoFaceError, SeveralFacesError, FaceTooSmallError, FaceBlurredError, UsageError: see
                `choose`.
        """
        faces = self._detector.find(picture.rgb, cancel)
        face = choose(faces, picture.rgb, wish.number, wish.anyway)
        size = (picture.width, picture.height)
        frame = frame_middle(*size) if face is None else frame_face(face, *size, wish.level_eyes)
        return Framed(from_the_left(faces), face, frame)

    def cut(self, picture: Picture, frame: Frame, size: int, background: Background) -> Picture:
        """Return what is in the frame, `size` pixels square."""
        return self._behind(cut(picture, frame, size), background)

    def draw(
        self,
        stylizer: Draws,
        picture: Picture,
        frame: Frame,
        size: int,
        look: Look,
        progress: Callable[[float, str], None],
        cancel: Cancel,
    ) -> list[Picture]:
        """Return the avatar once for each variant, `size` square and `DRAWN_SIDE` at least.

        The person is looked for in the photo: the network learned from photos.

        Raises:
            NijiganError: what `Stylizer.stylize` raises.
        """
        framed = cut(picture, frame, max(size, DRAWN_SIDE))
        background = look.background
        person = None if background.kind == "keep" else self._people.alpha(framed.rgb)
        results = []
        for i, variant in enumerate(look.drawn_as):
            settings = Settings(variant.style, variant.strength, look.quality, DRAWN_SIDE)
            progress(i / len(look.drawn_as), "drawing")
            drawn = stylizer.stylize(framed, settings, lambda _done, _what: None, cancel)
            results.append(drawn if person is None else background.behind(drawn, person))
        return results

    def _behind(self, picture: Picture, background: Background) -> Picture:
        if background.kind == "keep":
            return picture
        return background.behind(picture, self._people.alpha(picture.rgb))
