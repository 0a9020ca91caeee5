"""What an ODE's exact drawing is, to measure solvers against."""

from nijigan.core.ode import Adaptive

EXACT = Adaptive("dopri5", rtol=1e-5, atol=1e-5)
"""An adaptive solver whose tolerance is far below what anyone sees."""
