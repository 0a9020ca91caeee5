"""A drawing on its way to the client."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from nijigan.server.calls import Call
from nijigan.server.metrics import Drawing
from nijigan.server.stylizer import Settings
from nijigan.server.tiling import Notes
from nijigan.server.upload import MAX_CHUNK_BYTES
from nijigan.v1 import stylizer_pb2 as pb

_STAGES = ("receive", "decode", "queue", "compute", "encode")


def in_chunks(data: memoryview) -> Iterator[bytes]:
    """Yield pieces that fit into messages."""
    for start in range(0, len(data), MAX_CHUNK_BYTES):
        yield bytes(data[start : start + MAX_CHUNK_BYTES])


@dataclass
class Sending:
    """What is sent: its size, what its bytes are, the bytes, and where the time went until now."""

    width: int
    height: int
    format: pb.PictureFormat
    data: memoryview
    timings: pb.Timings
    notes: Notes
    began: float = field(default_factory=time.monotonic)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        return in_chunks(self.data)

    def done(self, call: Call) -> pb.StylizeDone:
        """Return what follows on the bytes."""
        return pb.StylizeDone(
            width_px=self.width,
            height_px=self.height,
            format=self.format,
            timings=self.timings,
            request=str(call.number),
            tiles=self.notes.tiles,
            deviation_db=self.notes.deviation_db,
        )

    def drawing(self, settings: Settings) -> Drawing:
        """Return what it cost, now that it is sent."""
        stages = {stage: getattr(self.timings, f"{stage}_us") / 1e6 for stage in _STAGES}
        stages["send"] = time.monotonic() - self.began
        return Drawing(settings.style, settings.quality, self.width * self.height, stages)
