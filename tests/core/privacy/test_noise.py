"""Draws follow the exact law; arguments and results are checked; OpenDP stays out until it is needed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from samklang.errors import SamklangError
from samklang.privacy.discrete_gaussian import sum_of_two_rho
from samklang.privacy.noise import CHUNK, OpenDPNoise


@pytest.fixture(scope="module")
def noise() -> OpenDPNoise:
    return OpenDPNoise()


@pytest.mark.statistical
@pytest.mark.parametrize("sigma", [0.75, 2.0, 5.4455366134643555])
def test_draws_follow_the_discrete_gaussian(noise: OpenDPNoise, sigma: float) -> None:
    """Chi-square against the exact law; false-alarm rate 1e-7."""
    size = 2 * CHUNK + 100
    drawn = noise.discrete_gaussian(sigma, size)
    reach = int(40 * sigma)
    x = np.arange(-reach, reach + 1)
    law = np.exp(-(x**2) / (2 * sigma**2))
    law /= law.sum()
    observed = np.bincount(np.clip(drawn, -reach, reach) + reach, minlength=len(x))
    likely = law * size >= 10
    expected = np.append(law[likely], law[~likely].sum()) * size
    counts = np.append(observed[likely], observed[~likely].sum())
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert statistic < chi2.isf(1e-7, len(counts) - 1)


@pytest.mark.statistical
def test_neighbouring_draws_are_not_correlated(noise: OpenDPNoise) -> None:
    """Serial correlation over a chunk's edge and within; |r| √n > 5.5 thrice: false-alarm rate 1.2e-7."""
    size = CHUNK + 4000
    z = noise.discrete_gaussian(4.0, size) / 4.0
    for lag in (1, 7, CHUNK // 2):
        assert abs(float((z[lag:] * z[:-lag]).sum())) / np.sqrt(size - lag) < 5.5
    assert not np.array_equal(noise.discrete_gaussian(4.0, 100), noise.discrete_gaussian(4.0, 100))


def test_opendp_agrees_on_the_cost(noise: OpenDPNoise) -> None:
    """Its map for one draw of σ = √2 σ_local equals our ρ for two of σ_local, up to its rounding."""
    sigma = 5.4455366134643555
    from decimal import Decimal

    ours = float(sum_of_two_rho(Decimal(sigma), 2, 200))
    assert noise.map(sigma * 2**0.5, 200, 2**0.5) == pytest.approx(ours, rel=1e-12)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_length_and_type(noise: OpenDPNoise, size: int) -> None:
    drawn = noise.discrete_gaussian(2.0, size)
    assert drawn.shape == (size,)
    assert drawn.dtype == np.int64


@pytest.mark.parametrize(
    ("sigma", "size"),
    [
        (0.0, 1),
        (-1.0, 1),
        (float("nan"), 1),
        (float("inf"), 1),
        (2.0**51, 1),
        (2, 1),
        (2.0, -1),
        (2.0, (1 << 24) + 1),
        (2.0, True),
        (2.0, 1.0),
    ],
)
def test_arguments_are_checked(noise: OpenDPNoise, sigma: Any, size: Any) -> None:
    with pytest.raises(SamklangError) as failure:
        noise.discrete_gaussian(sigma, size)
    assert failure.value.code == "privacy-noise-range"


@pytest.mark.parametrize("returned", [[], [0] * 3, None, [1 << 62] * 4, (0, 0, 0, 0)])
def test_results_are_checked(returned: object, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = OpenDPNoise()
    monkeypatch.setattr(broken, "_measurement", lambda *_: lambda _: returned)
    with pytest.raises(SamklangError) as failure:
        broken.discrete_gaussian(2.0, 4)
    assert failure.value.code == "privacy-noise-failed"


def test_opendp_is_imported_when_it_is_first_used() -> None:
    code = (
        "import sys, samklang.privacy.draws; assert 'opendp' not in sys.modules;"
        "from samklang.privacy.noise import OpenDPNoise;"
        "n = OpenDPNoise(); assert 'opendp' not in sys.modules; n.discrete_gaussian(2.0, 1);"
        "assert 'opendp' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
