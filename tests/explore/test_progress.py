"""The bar of a long computation ends where the computation does."""

from valley_analysis.explore import progress_bar
from valley_analysis.scoring import Uncertainty, vary
from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
from valley_analysis.scoring.standard import standard_assumptions


def test_the_bar_follows_the_replications(capsys):
    spec = small_spec()
    plan = Uncertainty(standard_assumptions(spec), 400, 1)
    with progress_bar("replications") as progress:
        vary(small_indicators(), spec, 2021, small_scope(), plan, progress=progress)
    shown = capsys.readouterr().err
    assert "replications" in shown
    assert "400/400" in shown
