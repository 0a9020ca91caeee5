# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames of a timeline are to be drawn."""

from typing import Any, List, Sequence

from nijigan_host.errors import SourceError
from nijigan_krita.plain_layer import is_plain


def times_of(document: Any) -> List[int]:
    """Return the times that the timeline plays.

    Raises:
        SourceError: there is one alone.
    """
    times = list(range(document.playBackStartTime(), document.playBackEndTime() + 1))
    if len(times) < 2:
        raise SourceError("The timeline has one frame alone.", "Set its end.")
    return times


def shown_frames(node: Any, times: Sequence[int]) -> List[int]:
    """Return for each time the frame that a node shows then: a held one is drawn once.

    What has masks or holds others may change at any time, so it shows another frame at each.
    """
    if not (node.animated() and is_plain(node)):
        return list(times)
    frames: List[int] = []
    for time in times:
        is_key = not frames or node.hasKeyframeAtTime(time)
        frames.append(time if is_key else frames[-1])
    return frames
