# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws layers, groups, canvases and animations anew, by a nijigan sidecar."""

from nijigan_krita.extension import begin

EXTENSION = begin()
