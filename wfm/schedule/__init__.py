"""Rosters: hard rules met by an exact programme per agent, coverage coordinated by prices, a proven bound.

`wfm.schedule.stage.schedule` makes rosters, `wfm.schedule.verify.verify` checks them without the solver;
nothing is imported here, so that checking a roster never loads the engine.
"""
