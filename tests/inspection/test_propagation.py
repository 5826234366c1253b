"""Propagation of uncertainty against the worked examples of the GUM (JCGM 100:2008, annex H).

Tolerances are half a unit of the last digit that the GUM prints; a whole one for the uncertainties of H.2, which the
GUM forms from standard deviations and correlations that it has rounded to two digits before.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from golden_tables import rows

from inspection.propagation import through

Array = np.ndarray


def columns(name: str) -> Array:
    """A golden table as an array, one row for each of its columns."""
    return np.array([list(row.values()) for row in rows(name)]).T


def correlation(f: Callable[[Array], float], g: Callable[[Array], float], at: Array, covariance: Array) -> float:
    """Of two results of the same arguments, from the uncertainty of their sum."""
    u_f, u_g = through(f, at, covariance), through(g, at, covariance)
    both = through(lambda x: f(x) / u_f + g(x) / u_g, at, covariance)
    return (both**2 - 2) / 2


def test_h1_end_gauge() -> None:
    """Length of a gauge block: nm, °C, and 10⁻⁶/°C for the coefficients of expansion."""
    standard_nm, alpha = 50_000_623.0, 11.5

    def length_nm(x: Array) -> float:
        l_s, d, alpha_s, theta, delta_alpha, delta_theta = x
        return float(l_s + d - l_s * 1e-6 * (delta_alpha * theta + alpha_s * delta_theta))

    at = np.array([standard_nm, 215.0, alpha, -0.1, 0.0, 0.0])
    # H.1.3: u of the standard, of the difference, of α, θ, δα and δθ; three of them are even within limits.
    u = np.array([25.0, 9.7, 2 / math.sqrt(3), 0.41, 1 / math.sqrt(3), 0.05 / math.sqrt(3)])
    covariance = np.diag(u**2)
    assert length_nm(at) == pytest.approx(50_000_838, abs=0.5)
    assert through(length_nm, at, covariance) == pytest.approx(32, abs=0.5)
    # The single contributions that table H.1 prints.
    for which, printed, digit in ((0, 25, 1), (1, 9.7, 0.1), (2, 0, 1), (3, 0, 1), (4, 2.9, 0.1), (5, 16.6, 0.1)):
        alone = np.zeros((6, 6))
        alone[which, which] = u[which] ** 2
        assert through(length_nm, at, alone) == pytest.approx(printed, abs=digit / 2 + 1e-9), which


def resistance(x: Array) -> float:
    return float(x[0] / (1e-3 * x[1]) * math.cos(x[2]))


def reactance(x: Array) -> float:
    return float(x[0] / (1e-3 * x[1]) * math.sin(x[2]))


def impedance(x: Array) -> float:
    return float(x[0] / (1e-3 * x[1]))


#: Table H.4: value and combined standard uncertainty, Ω.
RESULTS = [(resistance, 127.732, 0.071), (reactance, 219.847, 0.295), (impedance, 254.260, 0.236)]


@pytest.mark.parametrize(("quantity", "value", "u"), RESULTS)
def test_h2_resistance_and_reactance_of_correlated_readings(
    quantity: Callable[[Array], float], value: float, u: float
) -> None:
    observed = columns("gum_h2_impedance")
    mean, covariance = observed.mean(1), np.cov(observed) / observed.shape[1]
    assert quantity(mean) == pytest.approx(value, abs=5e-4)
    assert through(quantity, mean, covariance) == pytest.approx(u, abs=1e-3)


@pytest.mark.parametrize(
    ("one", "other", "r"),
    [(resistance, reactance, -0.588), (resistance, impedance, -0.485), (reactance, impedance, 0.993)],
)
def test_h2_the_results_are_correlated_too(
    one: Callable[[Array], float], other: Callable[[Array], float], r: float
) -> None:
    observed = columns("gum_h2_impedance")
    covariance = np.cov(observed) / observed.shape[1]
    assert correlation(one, other, observed.mean(1), covariance) == pytest.approx(r, abs=5e-4)


def test_h2_without_the_correlations_the_uncertainty_would_be_wrong() -> None:
    observed = columns("gum_h2_impedance")
    covariance = np.diag(np.diag(np.cov(observed) / observed.shape[1]))
    assert through(resistance, observed.mean(1), covariance) > 2 * 0.071


def test_h3_correction_of_a_thermometer_from_a_fitted_line() -> None:
    """Every observed correction goes through the fit itself; t₀ = 20 °C (H.3.3, H.3.4)."""
    t, b = columns("gum_h3_thermometer")
    turns = np.vander(t - 20.0, 2)

    def intercept(y: Array) -> float:
        return float(np.linalg.lstsq(turns, y, rcond=None)[0][1])

    def slope(y: Array) -> float:
        return float(np.linalg.lstsq(turns, y, rcond=None)[0][0])

    def at_30(y: Array) -> float:
        return intercept(y) + 10.0 * slope(y)

    residuals = b - intercept(b) - slope(b) * (t - 20.0)
    s = math.sqrt(float((residuals**2).sum()) / (len(t) - 2))
    covariance = s**2 * np.eye(len(t))
    assert s == pytest.approx(0.0035, abs=5e-5)
    assert intercept(b) == pytest.approx(-0.1712, abs=5e-5)
    assert through(intercept, b, covariance) == pytest.approx(0.0029, abs=5e-5)
    assert slope(b) == pytest.approx(0.00218, abs=5e-6)
    assert through(slope, b, covariance) == pytest.approx(0.00067, abs=5e-6)
    assert correlation(intercept, slope, b, covariance) == pytest.approx(-0.930, abs=5e-4)
    assert at_30(b) == pytest.approx(-0.1494, abs=5e-5)
    assert through(at_30, b, covariance) == pytest.approx(0.0041, abs=5e-5)


def test_a_length_near_zero_has_the_uncertainty_of_its_parts() -> None:
    """No derivative exists there; one step along each axis tells √2 of one part."""
    assert through(lambda x: float(np.hypot(*x)), np.zeros(2), np.eye(2)) == pytest.approx(math.sqrt(2))
