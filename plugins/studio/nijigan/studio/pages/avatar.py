"""The view that makes avatars."""

from typing import Any

import gradio as gr

from nijigan.client.errors import StylizerError
from nijigan.core.images import Picture, encode_picture
from nijigan.server.avatar.background import parse_background
from nijigan.server.avatar.sheet import SIZES, sheet, sized, variants
from nijigan.studio import markup
from nijigan.studio.avatars import Wish, make_avatars
from nijigan.studio.doing import Doing, RefusedError, Updates
from nijigan.studio.events import DIRECT
from nijigan.studio.face_trouble import remedied
from nijigan.studio.fields import chosen, quality_field, strength_field, style_field
from nijigan.studio.file_field import file_field
from nijigan.studio.photo_check import checks_photos
from nijigan.studio.pictures import drawn_name, read_upload, shown
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import read_uploads
from nijigan.studio.work import Work

VIEW = "avatar"
_EMPTY = markup.empty(
    "Your avatar appears here", "A photo of a person from the front, head and shoulders free."
)
_BACKGROUNDS = (("As it is", "keep"), ("Transparent", "transparent"), ("A color", "color"))


class AvatarPage:
    """Photo in, square avatar out, or a sheet of four."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                photo = file_field(
                    f"{VIEW}-photo",
                    "Photo of a person",
                    "Drop a JPEG, PNG, WebP or TIFF here.",
                    camera=True,
                )
                self.style = style_field(VIEW)
                strength, quality = strength_field(VIEW), quality_field(VIEW)
                background = gr.Radio(
                    list(_BACKGROUNDS),
                    value="keep",
                    label="Background",
                    elem_id=f"{VIEW}-background",
                    elem_classes="segments",
                )
                color = gr.ColorPicker(
                    "#ff8800", label="Its color", visible=False, elem_id=f"{VIEW}-color"
                )
                size = gr.Radio(
                    [(f"{side}", side) for side in SIZES],
                    value=512,
                    label="Size in pixels",
                    elem_id=f"{VIEW}-size",
                    elem_classes="segments",
                )
                with gr.Row(elem_classes="buttons"):
                    one = gr.Button("Make avatar", variant="primary", elem_id=f"{VIEW}-go")
                    four = gr.Button("Sheet of four", elem_id=f"{VIEW}-four")
                doing = Doing(studio, VIEW)
                face = gr.Radio(
                    [], label="Which face", visible=False, elem_id=f"{VIEW}-face",
                    elem_classes="segments",
                )  # fmt: skip
                anyway = gr.Button("Anyway", visible=False, elem_id=f"{VIEW}-anyway")
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        checks_photos(studio, photo, doing.line)
        photo.change(_no_faces, None, [face, anyway], **DIRECT)
        background.change(
            lambda kind: gr.ColorPicker(visible=kind == "color"), background, color, **DIRECT
        )
        as_sheet, as_one, by_force = gr.State(True), gr.State(False), gr.State(True)
        asked = gr.State(False)  # whether a sheet was: "Anyway" makes what was refused
        inputs = [photo, self.style, strength, quality, background, color, size, face]
        doing.begins(one, self._make, [*inputs, as_one, as_one])
        doing.begins(four, self._make, [*inputs, as_sheet, as_one])
        one.click(lambda: False, None, asked, **DIRECT)
        four.click(lambda: True, None, asked, **DIRECT)
        doing.begins(anyway, self._make, [*inputs, asked, by_force])
        doing.shows([result, face, anyway])

    def _make(
        self,
        work: Work[Updates],
        session: Session,
        photo: object,
        style: str | None,
        strength: float,
        quality: str,
        background: str,
        color: str,
        size: int,
        face: int | None,
        as_sheet: bool,
        anyway: bool,
    ) -> Updates:
        (upload, *_) = read_uploads(photo, self._studio.workspace)
        picture = read_upload(upload)
        name_of_style = chosen(style)
        behind = parse_background(_rgb(color) if background == "color" else background)
        wish = Wish(size, face or 0, anyway, behind)
        drawn_as = variants([name_of_style], strength)[: 4 if as_sheet else 1]
        client = self._studio.sidecar.client()
        try:
            framed, drawn = make_avatars(client, picture, wish, drawn_as, quality, work)
        except StylizerError as error:
            raise self._refused(error, session, picture) from error
        small = [sized(each, size) for each in drawn]
        made = sheet(small) if as_sheet else small[0]
        kind = f"sheet-{size}" if as_sheet else f"{size}"
        name = drawn_name(upload, kind, suffix=".png")
        shelf = session.shelf(VIEW)
        url = shelf.put("avatar.png", encode_picture(made, ".png"))
        caption = f"{name_of_style}, {made.width} × {made.height} px"
        figures = [
            markup.figure(
                shelf.put("framed.webp", shown(sized(framed, min(size, framed.width)))),
                "What was framed",
                "Framed",
            ),
            markup.figure(url, f"The avatar: {caption}", caption,
                          [markup.Save(url, name, "Save PNG")]),
        ]  # fmt: skip
        return [markup.grid(figures), gr.skip(), gr.Button(visible=False)]

    def _refused(self, error: StylizerError, session: Session, picture: Picture) -> Exception:
        """Say what the page can do about a face; other errors are as they were."""
        told, faces = remedied(error)
        if told is None:
            return error
        if not faces:
            return RefusedError(told, [gr.skip(), gr.Radio(visible=False), gr.Button(visible=True)])
        shelf = session.shelf(VIEW)
        figures = [
            markup.figure(
                shelf.put(f"face-{n}.webp", shown(_cut(picture, box))), f"Face {n}", f"Face {n}"
            )
            for n, box in enumerate(faces, 1)
        ]
        choices = [(f"{n}", n) for n in range(1, len(faces) + 1)]
        return RefusedError(
            told,
            [
                markup.grid(figures),
                gr.Radio(choices=choices, value=None, visible=True),
                gr.Button(visible=True),
            ],
        )


def _no_faces() -> tuple[Any, Any]:
    """Forget the faces of the photo before."""
    return gr.Radio(choices=[], value=None, visible=False), gr.Button(visible=False)


def _cut(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    """Return a face with some of what is around it."""
    left, top, width, height = box
    more = width // 3
    rows = slice(max(top - more, 0), top + height + more)
    return picture.cut(rows, slice(max(left - more, 0), left + width + more))


def _rgb(color: str) -> str:
    """Read what Gradio's field says: "#ff8800", or "rgba(255, 136, 0, 1)" with fractions."""
    if not color.startswith("rgb"):
        return color
    red, green, blue = (
        round(float(part)) for part in color[color.index("(") + 1 : -1].split(",")[:3]
    )
    return f"#{red:02x}{green:02x}{blue:02x}"
