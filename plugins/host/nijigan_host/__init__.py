"""What Blender's and Krita's plugins share: the sidecar's condition, jobs, messages.

Runs from Python 3.7 on, knows no host, and needs the client alone. Nothing here makes the thread
that calls it wait, but for what says that it does.
"""
