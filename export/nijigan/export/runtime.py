"""ONNX Runtime, told to keep quiet: a tool that draws pictures reports on no one.

Without the variable, onnxruntime writes a device id into the user's cache folder when it is
imported, and looks up its maker's server while it runs. `disable_telemetry_events()` is too late.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime as onnxruntime
