import pytest

from nijigan.core.errors import ExportError
from nijigan.core.models import create_generator
from nijigan.core.ode import Euler
from nijigan.export.solver_choice import cheapest_solver


@pytest.fixture
def pictures(photos):
    return sorted(photos.iterdir())[:2]


def test_what_is_asked_for_is_reached_and_nothing_cheaper_reaches_it(tiny_generator, pictures):
    own = tiny_generator.solver
    loose = cheapest_solver(tiny_generator, pictures, 10)
    assert loose.solver == Euler(1)
    exact = cheapest_solver(tiny_generator, pictures, loose.psnr_db + 20)
    assert exact.psnr_db >= loose.psnr_db + 20
    assert exact.solver.evaluations > 1
    # with a target between the two, an answer between the two
    between = cheapest_solver(tiny_generator, pictures, (loose.psnr_db + exact.psnr_db) / 2)
    assert 1 <= between.solver.evaluations <= exact.solver.evaluations
    assert tiny_generator.solver == own


def test_a_target_that_nothing_reaches_names_the_best(tiny_generator, pictures):
    with pytest.raises(ExportError, match=r"reaches 500 dB; \w+ with \d+ steps came to \d+"):
        cheapest_solver(tiny_generator, pictures[:1], 500)


def test_without_an_ode_there_is_nothing_to_choose(pictures):
    generator = create_generator("cut_resnet4", ngf=4)
    with pytest.raises(ExportError, match="has no ODE"):
        cheapest_solver(generator, pictures, 40)
