# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of a job that draws frames into a folder. It touches nothing of Krita's."""

from typing import Callable, NamedTuple, Optional, Sequence

from nijigan.client import Client, DrawnFrame
from nijigan.client.errors import StylizerError
from nijigan_host.animation_folder import AnimationFolder
from nijigan_host.drawing import Look
from nijigan_host.errors import SourceError
from nijigan_host.frames import FrameQueue, draw_frames
from nijigan_host.job import Job


class Kept(NamedTuple):
    """What became of a frame; `error` is None where its drawing is in the folder."""

    frame: int
    error: Optional[StylizerError]


def animation_drawing(
    client: Callable[[], Client],
    queue: FrameQueue,
    frames: Sequence[int],
    folder: AnimationFolder,
    look: Look,
    steady: bool,
    state: bytes,
) -> Callable[[Job[Kept]], None]:
    """Return work that draws what comes out of a queue (BGRA8) into PNG files, and gives each.

    frames: their numbers, in order. steady, state: as `frames.frame_drawing` has them.
    """

    def work(job: Job[Kept]) -> None:
        pictures = queue.frames(job.cancel)
        drawn = draw_frames(
            client(), pictures, look, "BGRA8", steady, state, job, result_format="ENCODED"
        )
        for frame in drawn:
            number = frames[frame.number]
            job.give(Kept(number, frame.error or _write(folder, number, frame)))
            done = frame.number + 1
            job.tell(done / len(frames), f"frame {done} of {len(frames)}")

    return work


def _write(folder: AnimationFolder, number: int, frame: DrawnFrame) -> Optional[StylizerError]:
    assert frame.result is not None, "it has no error"
    try:
        folder.write(number, frame.result.pixels, frame.state)
    except OSError as error:
        path = folder.frame_path(number)
        return SourceError(f"{path} cannot be written ({error}).", "Is there room on the disk?")
    return None
