"""Draws pictures by a nijigan sidecar, from any Python since 3.7; needs h2 alone."""

from nijigan.client.client import Client as Client
from nijigan.client.client import connect as connect
from nijigan.client.result import DrawnFrame as DrawnFrame
from nijigan.client.result import FaceBox as FaceBox
from nijigan.client.result import FramedFace as FramedFace
from nijigan.client.result import Result as Result
from nijigan.client.result import Timings as Timings
