"""How the events of the page go: each is one request, and its answer.

Gradio's queue answers by a stream of each page, and closes it when all is answered: what is asked
in that very moment is lost. One that stays open takes one of the six connections that a browser has
for all pages of an address, and one of the queue's workers. So what takes a while is begun by one
request, and asked after by others.
"""

from typing import Any

DIRECT: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
