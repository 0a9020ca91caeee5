"""Neural ODEs: solvers as values and the block that integrates."""

from nijigan.core.ode.adaptive import Adaptive as Adaptive
from nijigan.core.ode.block import ODEBlock as ODEBlock
from nijigan.core.ode.block import Solver as Solver
from nijigan.core.ode.names import FIXED as FIXED
from nijigan.core.ode.names import solver_from_name as solver_from_name
from nijigan.core.ode.nfe import count_evaluations as count_evaluations
from nijigan.core.ode.nfe import counting_evaluations as counting_evaluations
from nijigan.core.ode.solvers import RK4 as RK4
from nijigan.core.ode.solvers import Dopri5 as Dopri5
from nijigan.core.ode.solvers import Euler as Euler
from nijigan.core.ode.solvers import FixedStep as FixedStep
from nijigan.core.ode.solvers import Heun as Heun
from nijigan.core.ode.solvers import Midpoint as Midpoint
from nijigan.core.ode.tableau import ButcherTableau as ButcherTableau
from nijigan.core.ode.tableau import Slope as Slope
from nijigan.core.ode.tableau import Time as Time
