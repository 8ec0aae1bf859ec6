"""How the compiled functions of this package are compiled.

Products and sums may be fused (one rounding instead of two), nothing may be reordered: the order of the sums
keeps their digits. Divisions by zero give infinities as in numpy; the formulas handle their borders by name.
"""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
