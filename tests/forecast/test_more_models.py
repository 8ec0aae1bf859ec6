"""Laws of the models that run only when asked for by name, and oracles of their formulas."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX

from tests.forecast.made import configured, history
from tests.forecast.made_cases import OPEN, SLOTS, counts, learnt, past_dates, rates
from wfm.errors import ConfigError
from wfm.forecast import backtest, forecast
from wfm.forecast.candidates import candidates
from wfm.forecast.models import double_seasonal, ets, glm, sarimax
from wfm.forecast.models.day_series import Followed, day_by_day
from wfm.forecast.registry import FURTHER, MEMBERS, RULES, known_models, model, selected

BOOSTED = pytest.mark.skipif(
    find_spec("lightgbm") is None, reason="lightgbm is not installed: pip install 'openwfm[lightgbm]'"
)
ALL = [pytest.param(name, marks=BOOSTED if name == "lightgbm" else ()) for name in FURTHER]
OPEN_DAYS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]


def predicted(name, offered, **where):
    """Return the forecast (days, slots) of one queue."""
    return model(name)(learnt(offered, **where).learning)[0]


def error_of(found, level):
    """Return the mean absolute error in the open week against the true rates, as a share of them."""
    truth = rates(past_dates(1), level)[:6, OPEN]
    return np.abs(found[:6, OPEN] - truth).sum() / truth.sum()


def test_further_models_are_known_but_run_only_by_name():
    assert set(FURTHER) <= set(known_models())
    assert selected(()) == (*RULES, *MEMBERS)
    assert not set(FURTHER) & {*candidates(()).models, *candidates(("mean",)).models}
    assert selected(FURTHER) == FURTHER


@pytest.mark.parametrize("name", ALL)
def test_a_constant_history_is_continued(name):
    found = predicted(name, np.full((7 * 16, SLOTS), 7.0))
    assert found[OPEN_DAYS, OPEN] == pytest.approx(7.0, rel=5e-3)


@pytest.mark.parametrize("name", ALL)
def test_a_week_that_repeats_itself_is_continued(name):
    week = rates(past_dates(1), 30.0)
    assert error_of(predicted(name, np.tile(week, (26, 1))), 30.0) < 0.005


@pytest.mark.parametrize("name", ALL)
def test_closed_hours_have_no_contacts(name):
    found = predicted(name, counts(12))
    closed = np.ones(found.shape, dtype=bool)
    closed[OPEN_DAYS, OPEN] = False
    assert not found[closed].any()


@pytest.mark.parametrize("name", ALL)
def test_twice_the_history_is_twice_the_forecast(name):
    once, twice = (predicted(name, scale * counts()) for scale in (1.0, 2.0))
    tolerance = 0.03 if name == "sarimax" else 0.01  # of noise alone its likelihood is flat
    assert twice.sum() == pytest.approx(2 * once.sum(), rel=tolerance)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("weeks", [1, 2, 3, 8, 30], ids=lambda weeks: f"{weeks} weeks")
def test_forecasts_are_finite_and_not_negative_at_any_length(name, weeks):
    found = predicted(name, counts(weeks))
    assert found.shape == (14, SLOTS)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert error_of(found, 30.0) < 0.25


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kept", ["none", "one cell", "one weekday", "every other cell", "the first week"])
def test_next_to_nothing_known_gives_numbers_all_the_same(name, kept):
    known = np.zeros((7 * 12, SLOTS), dtype=bool)
    known[20, 9] = kept == "one cell"
    known[np.arange(len(known)) % 7 == 2] = kept == "one weekday"
    known[:, ::2] |= kept == "every other cell"
    known[:7] |= kept == "the first week"
    found = predicted(name, np.where(known, counts(12), np.nan))
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", ALL)
def test_zeros_give_zeros(name):
    assert predicted(name, np.zeros((7 * 16, SLOTS))).max() < 0.01


@pytest.mark.parametrize("name", ALL)
def test_a_weekday_without_contacts_stays_without(name):
    past = counts(26)
    past[5::7] = 0
    found = predicted(name, past)
    assert found[[5, 12]].sum() < 0.05 * found[4].sum()


@pytest.mark.parametrize("name", ALL)
def test_queues_do_not_see_each_other(name):
    one, two = counts(12, level=5.0), counts(30, level=80.0, seed=4)
    together = model(name)(learnt(one, two).learning)
    for row, offered in enumerate((one, two)):
        assert together[row] == pytest.approx(predicted(name, offered), rel=1e-3, abs=1e-6)  # an optimiser's


@pytest.mark.parametrize("name", ALL)
def test_a_generated_series_is_recovered(name):
    assert error_of(predicted(name, counts(26, level=60.0)), 60.0) < 0.045  # where the mean of 8 weeks is


@pytest.mark.parametrize("name", ALL)
def test_the_mean_of_a_quiet_queue_is_kept(name):
    queues = learnt(*(counts(26, level=0.1, seed=seed) for seed in range(6)))
    found = model(name)(queues.learning)[:, :6].sum() / 6
    assert found == pytest.approx(rates(past_dates(1), 0.1)[:6, OPEN].sum(), rel=0.15)


@pytest.mark.parametrize("name", ALL)
def test_the_course_of_the_month_is_learnt(name):
    past = counts(40, level=50.0)
    past[np.asarray(past_dates(40).day) <= 7] *= 1.3
    found = predicted(name, past, horizon=21).sum(axis=1)
    assert 1.12 < found[0] / found[14] < 1.4  # the 2nd against the 16th, both Mondays


@pytest.mark.parametrize("name", ALL)
def test_a_forecast_can_be_made_by_name(name):
    made = forecast(history(), configured(), horizon_days=7, models=(name,))
    assert name in set(made.scores["model"])
    assert made.forecast["offered"].gt(0).all()


@pytest.mark.parametrize("name", ALL)
def test_a_backtest_scores_it(name):
    scores = backtest(history(), configured(), horizon_days=7, origins=3, models=(name,)).scores
    assert list(scores["model"]) == [name]
    assert scores["wape"].item() < 0.3  # Poisson noise of 20 contacts alone is 0.17


def five_days(dates):
    """Return opening (days, slots) from Monday to Friday."""
    is_open = np.zeros((len(dates), SLOTS), dtype=bool)
    is_open[:, OPEN] = (np.asarray(dates.day_of_week) < 5)[:, None]
    return is_open


def test_a_five_day_queue_has_a_season_of_five():
    asked = []

    def follow(logs, season, steps):
        asked.append((len(logs), season, steps))
        return Followed(np.log(np.arange(1, steps + 1) + 0.5), np.zeros(1))

    past = learnt(counts(16, first="2026-03-04"), first="2026-03-04", is_open=five_days).learning
    found = day_by_day(past, follow)[0].sum(axis=1)  # from Wednesday on
    assert asked == [(80, 5, 10)]
    month = past.coming_month[0]
    assert found / month == pytest.approx([1, 2, 3, 0, 0, 4, 5, 6, 7, 8, 0, 0, 9, 10])


def test_gaps_have_the_weekdays_median_at_the_level_of_the_days_before():
    seen = []

    def follow(logs, _season, _steps):
        seen.append(np.exp(logs) - 0.5)

    past = np.full((7 * 26, SLOTS), 100.0) * (1 + 0.01 * (np.arange(7 * 26) % 2))[:, None]
    past[-63:] *= 1.15
    past[[40, 150]] = np.nan  # a Saturday before the new level and a Thursday after it
    day_by_day(learnt(past).learning, follow)
    (filled,) = seen
    assert filled[40 - 40 // 7] == pytest.approx(filled[38 - 40 // 7], rel=0.02)
    assert filled[150 - 150 // 7] == pytest.approx(filled[148 - 150 // 7], rel=0.02)


def test_a_model_that_declines_leaves_medians_at_the_last_level(monkeypatch):
    past = learnt(counts(26, seed=3)).learning
    plain = day_by_day(past, lambda *_: None)
    assert error_of(plain[0], 30.0) < 0.05
    assert sarimax.predict(past) != pytest.approx(plain, rel=1e-9)
    monkeypatch.setattr(sarimax, "MOST_ITERATIONS", 1)
    assert sarimax.predict(past) == pytest.approx(plain)
    lost = day_by_day(past, lambda _, __, steps: Followed(np.full(steps, np.nan), np.zeros(1)))
    assert lost == pytest.approx(plain)


def test_a_likelihood_that_cannot_be_computed_leaves_medians(monkeypatch):
    def failing(*_, **__):
        raise np.linalg.LinAlgError

    past = learnt(counts(26)).learning
    monkeypatch.setattr(SARIMAX, "fit", failing)
    assert sarimax.predict(past) == pytest.approx(day_by_day(past, lambda *_: None))


def test_the_mean_of_logs_is_corrected_by_the_errors_of_the_model():
    past = learnt(counts(16)).learning
    errors = np.log([0.5, 1.5, 1.6])  # whose exponentials have the mean 1.2
    found = day_by_day(past, lambda _, __, steps: Followed(np.full(steps, np.log(100.0)), errors))
    assert found[0, :6].sum(axis=1) / past.coming_month[0, :6] == pytest.approx(119.5)


def test_smoothing_that_does_not_converge_has_usual_parameters(monkeypatch):
    fit, used = ExponentialSmoothing.fit, []

    def failing(self, **parameters):
        used.append(parameters)
        found = fit(self, **parameters)
        if not parameters:
            found.mle_retvals.success = False
        return found

    monkeypatch.setattr(ExponentialSmoothing, "fit", failing)
    found = predicted("ets", counts(26))
    assert used[1]["smoothing_level"] == ets.USUAL_LEVEL
    assert error_of(found, 30.0) < 0.06


def test_double_seasonal_steps_are_taylors_equations(monkeypatch):
    monkeypatch.setattr(double_seasonal, "GRID", np.array([[14.0], [0.05], [0.15]]))
    roots = np.sqrt(counts(6)[None] + 0.25)
    roots[0, 30, 10:14] = np.nan
    open_week = np.ones((1, 7, SLOTS), dtype=bool)
    state = double_seasonal._begun(roots)
    (a,), (d,), (w,) = (rate[0] for rate in double_seasonal._rates(open_week))
    d, w = d / (1 - a), w / (1 - a)
    level, daily = state.level[0, 0], state.daily[:, 0, 0].copy()
    weekly = state.weekly[:, :, 0, 0].copy()
    double_seasonal._run(state, roots, double_seasonal._rates(open_week))
    for day, slot in np.ndindex(roots.shape[1:]):
        y, day_index, week_index = roots[0, day, slot], daily[slot], weekly[day % 7, slot]
        if np.isnan(y):
            continue
        level = a * (y - day_index - week_index) + (1 - a) * level
        daily[slot] = d * (y - level - week_index) + (1 - d) * day_index
        weekly[day % 7, slot] = w * (y - level - day_index) + (1 - w) * week_index
    assert state.level[0, 0] == pytest.approx(level)
    assert state.daily[:, 0, 0] == pytest.approx(daily)
    assert state.weekly[:, :, 0, 0] == pytest.approx(weekly)


def test_a_growing_queue_takes_a_quicker_level_than_a_steady_one():
    steady = counts(26, level=60.0)
    swinging = steady * (1 + 0.35 * np.sin(np.arange(len(steady)) / 12))[:, None]
    chosen = []
    for past in (steady, swinging):
        learning = learnt(past).learning
        roots = np.sqrt(learning.offered / learning.effects.month[:, : learning.known_days, None] + 0.25)
        state = double_seasonal._begun(roots)
        double_seasonal._run(state, roots, double_seasonal._rates(learning.open_week))
        chosen.append(double_seasonal.GRID[0, double_seasonal._best(state)[0][0]])
    assert chosen[1] < chosen[0]


def test_the_regression_is_that_of_all_intervals_at_once(monkeypatch):
    monkeypatch.setattr(glm, "PRIOR_CONTACTS", 0.0)
    monkeypatch.setattr(glm, "TREND_SD", 1e6)
    monkeypatch.setattr(glm, "TREND_FADES_WEEKS", 1e9)
    learning = learnt(counts(13)).learning
    days = np.arange(-91, 14)
    day, slot = (cells.ravel() for cells in np.meshgrid(days, np.arange(8, 20), indexing="ij"))
    place = day % 7
    kind = glm.KIND[place]
    shapes = [(kind == each) & (slot == at) for each in np.unique(kind[place < 6]) for at in range(9, 20)]
    terms = np.column_stack([place[:, None] == np.arange(6), *shapes, day / 7]).astype(float)
    past, coming = (place < 6) & (day < 0), (place < 6) & (day >= 0)
    offset = np.log(learning.effects.month[0])[day + 91]
    known = learning.offered[0][day[past], slot[past]]
    fit = GLM(known, terms[past], family=Poisson(), offset=offset[past]).fit()
    expected = fit.predict(terms[coming], offset=offset[coming])
    found = glm.predict(learning)[0][day[coming], slot[coming]]
    assert found == pytest.approx(expected, rel=1e-5)


def test_overdispersed_intervals_lean_on_the_other_weekdays():
    cells = counts(13).reshape(13, 7, SLOTS)
    mean = cells.mean(axis=0)
    opens = np.ones((7, SLOTS), dtype=bool)
    plain = glm._dispersion(cells, np.broadcast_to(mean, cells.shape), opens)
    wild = glm._dispersion(mean + 3 * (cells - mean), np.broadcast_to(mean, cells.shape), opens)
    assert plain == pytest.approx(1.0, abs=0.1)
    assert wild == pytest.approx(9 * plain, rel=0.1)


def test_a_trend_is_followed_and_fades(monkeypatch):
    growth = np.exp(0.02 * np.arange(-91, 0) / 7)
    past = learnt(counts(13, level=200.0) * growth[:, None], horizon=70).learning
    monkeypatch.setattr(glm, "TREND_SD", 0.05)
    weeks = (glm.predict(past)[0] / past.coming_month[0][:, None]).reshape(10, 7, SLOTS).sum(axis=(1, 2))
    steps = np.diff(np.log(weeks))
    assert 0.0 < steps[-1] < 0.1 * steps[0] < 0.02


def test_without_its_package_the_boosted_model_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(ConfigError, match=r"pip install 'openwfm\[lightgbm\]'"):
        predicted("lightgbm", counts(8))


@BOOSTED
def test_boosted_trees_are_the_same_every_time():
    past = counts(20)
    assert (predicted("lightgbm", past) == predicted("lightgbm", past)).all()


@BOOSTED
def test_boosted_trees_learn_what_the_mean_of_eight_weeks_misses():
    past = counts(30, level=60.0) * np.exp(0.02 * (np.arange(-210, 0) // 7))[:, None]
    truth = rates(past_dates(1), 60.0)[:6, OPEN].sum()
    found, mean = (predicted(name, past)[:6, OPEN].sum() for name in ("lightgbm", "moving_average"))
    assert mean < 0.95 * truth
    assert abs(found - truth) < 0.4 * abs(mean - truth)
