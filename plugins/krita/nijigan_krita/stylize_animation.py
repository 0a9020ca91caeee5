# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the frames of the timeline, as a new animated layer."""

from pathlib import Path
from typing import Any, Generator, List, Sequence, Tuple

from nijigan_host.animation_folder import AnimationFolder
from nijigan_host.drawing import Picture
from nijigan_host.errors import SourceError
from nijigan_host.file_name import file_name
from nijigan_host.frames import FrameQueue
from nijigan_host.job import Job, State
from nijigan_krita.animated_layer import layer_writing, written_layer
from nijigan_krita.animation_drawing import Kept, animation_drawing
from nijigan_krita.colors import SRGB8
from nijigan_krita.conversion import Convert, conversion
from nijigan_krita.documents import check_open, document_key, until_idle
from nijigan_krita.layer import add_layer
from nijigan_krita.onion_skins import refuse_onion_skins
from nijigan_krita.remembered import remember
from nijigan_krita.run import Run, Steps
from nijigan_krita.session import Session
from nijigan_krita.settings import CANVAS, Settings
from nijigan_krita.source import Source, canvas_of, find_node, read_pixels
from nijigan_krita.timeline import shown_frames, times_of
from nijigan_krita.unseen_copy import twin, unseen_copy

_WAIT_SECONDS = 0.03


def stylize_animation(run: Run, session: Session, document: Any, settings: Settings) -> Steps:
    """Draw what the settings say at each time; the steps of a run.

    Frames are kept in a folder beside the document, so that the next run goes on with the others.
    """
    yield from until_idle(document)
    source = find_node(document, settings.source)
    times = times_of(document)
    frames = shown_frames(source.node, times)
    folder = _folder(document, source, settings)
    each = sorted(set(frames))
    missing = folder.missing(each)
    if missing:
        yield from refuse_onion_skins(document, source, missing)
        before = each[each.index(missing[0]) - 1] if missing[0] != each[0] else None
        state = b"" if before is None or not settings.steady else folder.state_after(before)
        errors = yield from _draw(run, session, document, settings, source, folder, missing, state)
        session.errors.extend(errors)
        if errors:
            raise SourceError(
                f"{len(errors)} of {len(missing)} frames were not drawn. {errors[0]}",
                "Draw Animation tries them again.",
            )
    begins = [
        (time, frame)
        for time, frame, before in zip(times, frames, [None, *frames])
        if frame != before
    ]
    name = f"{session.title(settings.style)} ({settings.words})"
    yield from _add(run, session, document, source, folder, begins, name)
    remember(document, settings)


def _folder(document: Any, source: Source, settings: Settings) -> AnimationFolder:
    """Return that of the source's frames: layers may be called alike, and are told by their ids.

    Raises:
        SourceError: the document has no place yet.
    """
    if not document.fileName():
        raise SourceError(
            "The document has not been saved.", "Save it: frames are kept in a folder beside it."
        )
    file = Path(document.fileName())
    name, of = CANVAS, f"{file.name}, {CANVAS}"  # its root has another id each time it is opened
    if settings.source != CANVAS:
        id = source.node.uniqueId().toString().strip("{}")
        name, of = f"{file_name(source.name)} {id[:8]}", f"{file.name}, {id}"
    path = file.with_name(f"{file.stem}-nijigan") / file_name(settings.style) / name
    return AnimationFolder(path, of, settings.look, settings.steady)


def _draw(
    run: Run,
    session: Session,
    document: Any,
    settings: Settings,
    source: Source,
    folder: AnimationFolder,
    frames: Sequence[int],
    state: bytes,
) -> Generator[float, None, List[str]]:
    """Draw frames, each while the next one is read; return what became of those that failed."""
    queue = FrameQueue()
    work = animation_drawing(
        session.sidecar.client, queue, frames, folder, settings.look, settings.steady, state
    )
    job = session.jobs.begin(document_key(document), work, source.name)
    run.follow(job)
    try:
        with unseen_copy(document) as copy, conversion(source.space, SRGB8) as convert:
            unseen = source._replace(node=twin(copy, source.node))
            yield from _read(document, copy, unseen, convert, queue, frames, job)
        queue.end()
        yield from run.until_done(job)
    finally:
        job.cancel.set()
    yield from until_idle(document)
    return [f"Frame {kept.frame}: {kept.error}" for kept in job.take() if kept.error is not None]


def _read(
    document: Any,
    copy: Any,
    source: Source,
    convert: Convert,
    queue: FrameQueue,
    frames: Sequence[int],
    job: Job[Kept],
) -> Steps:
    """Read what the source, which is the copy's, looks like at each time.

    In the document that is seen, people would paint at these times, and have them to undo.
    """
    _, _, width, height = canvas_of(copy)
    for frame in frames:
        while queue.full and job.state is State.RUNNING:
            yield _WAIT_SECONDS
        if job.state is not State.RUNNING:
            return
        check_open(document)
        copy.setCurrentTime(frame)
        yield from until_idle(document, copy)
        pixels = yield from read_pixels(copy, source, convert)
        queue.put(Picture(b"".join(pixels), width, height, "BGRA8"))


def _add(
    run: Run,
    session: Session,
    document: Any,
    source: Source,
    folder: AnimationFolder,
    frames: Sequence[Tuple[int, int]],
    name: str,
) -> Steps:
    """Make a layer of drawn frames. `frames`: at which time each begins, and its number."""
    _, _, width, height = canvas_of(document)
    path = folder.path / "layer.kra"
    work = layer_writing(path, folder, frames, width, height)
    yield from run.until_done(session.jobs.begin(document_key(document), work, source.name))
    check_open(document)
    with written_layer(path) as layer:
        layer.setName(name)
        run.commit()
        yield from add_layer(document, source.place, layer)
