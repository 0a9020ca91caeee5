"""Lets calls end that are under way when a server says that it is about to go.

HTTP/2 servers send GOAWAY before they end; streams up to the one that it names go on (RFC 9113,
section 6.8). h2 treats the connection as closed from then on, so it must not see these frames.
"""

from typing import List, Tuple

_HEADER = 9  # length: 3 bytes, type: 1, flags: 1, stream: 4
_GOAWAY = 7
_LARGEST = 1 << 14


class GoAwayFilter:
    """Cuts the GOAWAY frames out of what a server sends, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._held = b""  # the start of a frame's header, or of a GOAWAY frame
        self._passing = 0  # bytes still to come of a frame that is let through

    def feed(self, data: bytes) -> Tuple[bytes, List[int]]:
        """Return what is left of `data`, and the last stream that each GOAWAY in it names."""
        data = self._held + data
        kept, last_streams = [], []
        start = at = 0
        while True:
            step = min(self._passing, len(data) - at)
            at += step
            self._passing -= step
            if self._passing or len(data) - at < _HEADER:
                break
            length = int.from_bytes(data[at : at + 3], "big")
            if data[at + 3] != _GOAWAY or not 8 <= length <= _LARGEST:
                self._passing = _HEADER + length
                continue
            end = at + _HEADER + length
            if end > len(data):
                break
            kept.append(data[start:at])
            last_streams.append(int.from_bytes(data[at + 9 : at + 13], "big") & 0x7FFFFFFF)
            start = at = end
        kept.append(data[start:at])
        self._held = data[at:]
        return b"".join(kept), last_streams
