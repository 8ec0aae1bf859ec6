"""The accuracy of forecasts in sentences: which model won, by how much, how far from the noise floor."""

from __future__ import annotations

import pandas as pd

from wfm.forecast.registry import RULES

MOST_QUEUES = 20
ASKED = (
    "model",
    "wape",
    "noise_floor",
    "skill",
    "gain",
    "gain_low",
    "gain_high",
    "coverage_80",
    "coverage_95",
)


def scores_in_words(scores: pd.DataFrame) -> list[str]:
    """Return, per queue, the chosen model with its error beside the planner's rules and the floor."""
    queues = list(scores.groupby("queue", sort=True))
    lines = [_queue_in_words(str(queue), rows) for queue, rows in queues[:MOST_QUEUES]]
    if len(queues) > MOST_QUEUES:
        lines.append(f"and {len(queues) - MOST_QUEUES} more queues: `--scores FILE` writes all")
    return [line for line in lines if line]


def chosen_scores(scores: pd.DataFrame) -> dict[str, dict[str, float | str | None]]:
    """Return, per queue, what a machine asks of the chosen model; None is not known."""
    chosen = scores[scores["chosen"]].set_index("queue")[list(ASKED)]
    return {
        str(queue): {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for queue, row in chosen.astype(object).to_dict("index").items()
    }


def _queue_in_words(queue: str, rows: pd.DataFrame) -> str:
    chosen = rows[rows["chosen"]]
    if chosen.empty:
        return ""
    best = chosen.iloc[0]
    if pd.isna(best["wape"]):
        return f"{queue}: {best['model']}: history too short for a backtest"
    rules = ", ".join(
        f"{row.model} {row.wape:.1%}" for row in rows[rows["model"].isin(RULES)].itertuples(index=False)
    )
    text = f"{queue}: {best['model']}: WAPE {best['wape']:.1%} (floor {best['noise_floor']:.1%}; {rules})"
    return text + _gain_in_words(best)


def _gain_in_words(best: pd.Series) -> str:
    if pd.isna(best["gain"]) or best["model"] == "moving_average":
        return ""
    sure = pd.notna(best["gain_low"])
    interval = f" ({best['gain_low']:+.1%} to {best['gain_high']:+.1%})" if sure else ""
    return f"; {best['gain']:+.1%}{interval} against the eight-week mean"
