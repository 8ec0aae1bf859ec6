"""The search keeps a legal tour for everybody, also where none is found under the prices of the moment."""

from __future__ import annotations

import numpy as np
import pytest

from tests.schedule.small import bumpy_centre, config_with, problem_of
from wfm.schedule import search as module
from wfm.schedule.build import build_agent
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.search import Search


def only_without_prices(solver, agent, wanted: Wanted, **options):
    """Find tours as ever, but none under prices."""
    return (float("inf"), None) if wanted.price.any() else lawful_tour(solver, agent, wanted, **options)


def test_who_finds_no_tour_under_prices_gets_any_legal_one_and_then_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = config_with()
    problem = problem_of(config, *bumpy_centre(4, 5, config))
    search = Search(problem, [build_agent(problem, index) for index in range(4)], 1)
    monkeypatch.setattr(module, "lawful_tour", only_without_prices)
    search.sweep(1.0)
    first = [tour.types.copy() for tour in search.state.tours if tour is not None]
    assert len(first) == 4
    search.sweep(0.5)
    for tour, before in zip(search.state.tours, first, strict=True):
        assert tour is not None
        np.testing.assert_array_equal(tour.types, before)
