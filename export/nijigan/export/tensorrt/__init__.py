"""Engines for NVIDIA's GPUs, by TensorRT or TensorRT-RTX."""
