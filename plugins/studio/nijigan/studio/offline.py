"""Keeps Gradio from calling home. To be called before it is imported."""

import os

_SETTINGS = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def stay_offline() -> None:
    """Turn off statistics, looks for newer versions, tunnels and the Hugging Face Hub."""
    os.environ.update(_SETTINGS)
