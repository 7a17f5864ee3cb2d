"""A verdict can be no better than the estimate and the checks it stands on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact import checks_data, checks_influence, checks_outcomes, checks_placebo
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.report_card import CORE, REQUIRED, ReportCard, report_card
from valley_analysis.impact.results import CheckResult, EffectResult, estimates

SEEN = EffectResult(
    "event_study",
    "staff",
    estimates(pd.Series({"post": -2.0}), pd.Series({"post": 0.5})),
    "post",
    "difference per unit of exposure",
    "clustered",
    n_units=83,
)
UNSEEN = replace(SEEN, table=estimates(pd.Series({"post": -0.5}), pd.Series({"post": 0.5})))


def made(*names: str, status="passed") -> list[CheckResult]:
    return [CheckResult(name, status, f"finding of {name}") for name in names]


def whole(panel: pd.DataFrame, names: dict) -> ReportCard:
    """The card as a notebook makes it."""
    columns = {key: value for key, value in names.items() if key != "since"}
    path = event_study(panel, **columns, reference=names["since"] - 1)
    few = {"permutations": 299}
    return report_card(
        difference_in_differences(panel, **names),
        [
            pretrend_test(path),
            checks_placebo.placebo_date(panel, **names),
            checks_placebo.anticipation(panel, **names),
            checks_placebo.randomisation(panel, **names, **few),
            checks_influence.leave_one_unit_out(panel, **names),
            checks_data.attrition(panel, **names, **few),
            checks_outcomes.minimum_detectable(panel, **names),
        ],
        cannot_separate=["war", "state orders"],
    )


class TestConclusion:
    def test_supported_needs_every_required_check(self):
        assert report_card(SEEN, made(*REQUIRED)).conclusion == "supported"
        for name in REQUIRED:
            rest = [other for other in REQUIRED if other != name]
            card = report_card(SEEN, made(*rest))
            assert (card.conclusion, card.untested) == ("untested", (name,))

    def test_silence_supports_nothing(self):
        card = report_card(SEEN)
        assert card.conclusion == "untested"
        assert card.untested == REQUIRED

    def test_a_check_that_could_decide_nothing_is_not_a_test(self):
        checks = [*made(*REQUIRED[1:]), *made(REQUIRED[0], status="informational")]
        assert report_card(SEEN, checks).untested == REQUIRED[:1]

    @pytest.mark.parametrize("name", CORE)
    def test_one_failed_core_check_is_enough(self, name):
        card = report_card(SEEN, [*made(*REQUIRED), *made(name, status="failed")])
        assert card.conclusion == "fragile"
        assert card.failed_core == (name,)
        assert name.replace("_", " ") in card.text

    def test_other_failed_checks_are_told_and_leave_it_standing(self):
        card = report_card(SEEN, [*made(*REQUIRED), *made("few_clusters", status="failed")])
        assert (card.conclusion, card.failed) == ("supported", ("few_clusters",))
        assert "1 failed (few clusters)" in card.text

    def test_diagnostics_of_the_result_count(self):
        failed = SEEN.with_diagnostics(*made("pretrend_joint", status="failed"))
        assert report_card(failed, made(*REQUIRED)).conclusion == "fragile"

    def test_a_check_that_is_given_twice_is_counted_once(self):
        checks = made(*REQUIRED)
        card = report_card(SEEN.with_diagnostics(*checks), checks)
        assert card.counts["passed"] == len(REQUIRED)

    @given(st.lists(st.sampled_from([*CORE, "balance"])), st.booleans())
    def test_what_cannot_be_seen_is_never_more_than_that(self, names, failed):
        status = "failed" if failed else "passed"
        card = report_card(UNSEEN, made(*names, status=status))
        assert (card.conclusion, card.direction) == ("not distinguishable", "none")

    @given(st.sets(st.sampled_from(CORE)), st.sets(st.sampled_from(CORE)))
    def test_more_failures_never_make_it_better(self, failed, more):
        def rank(names):
            others = [name for name in REQUIRED if name not in names]
            checks = [*made(*others), *made(*names, status="failed")]
            return report_card(SEEN, checks).conclusion == "supported"

        assert rank(failed | more) <= rank(failed)

    def test_methods_without_exposure_have_their_own_required_checks(self):
        control = replace(SEEN, method="synthetic_control")
        assert report_card(control).untested == ("prefit", "in_time_placebo")
        assert report_card(control, made("prefit"), required=["prefit"]).untested == ()

    def test_an_estimate_without_interval_is_not_distinguishable(self):
        bare = replace(SEEN, table=SEEN.table.assign(low=np.nan, high=np.nan))
        card = report_card(bare)
        assert card.conclusion == "not distinguishable"
        assert "no interval" in card.text


class TestNumbers:
    def test_sizes_are_per_interquartile_range(self):
        facts = report_card(SEEN, iqr=0.5).facts
        low, high = SEEN.interval
        assert (facts["estimate"], facts["low"], facts["high"]) == (-1.0, low / 2, high / 2)
        least = minimum_detectable_effect(0.5) * 0.5
        assert facts["smallest_seen"] == pytest.approx(least)

    def test_minimum_detectable_supplies_range_and_size(self):
        told = CheckResult("minimum_detectable", "informational", "", {"iqr": 0.4, "per_unit": 3.0})
        facts = report_card(SEEN, [told]).facts
        assert (facts["estimate"], facts["smallest_seen"]) == pytest.approx((-0.8, 1.2))
        assert report_card(SEEN, [told], iqr=1.0).facts["estimate"] == -2.0

    def test_text_says_what_the_facts_say(self):
        card = report_card(SEEN, made(*REQUIRED), iqr=0.5, cannot_separate=["war", "COVID"])
        assert card.text.startswith(
            "staff: more exposed units fell relative to less exposed ones, -1 per interquartile "
            "range of exposure (95% interval -1.49 to -0.51); difference per unit of exposure. "
            "Supported: distinguishable, and no core check failed."
        )
        assert card.text.endswith("cannot separate the effect from: war; COVID.")

    def test_nothing_seen_tells_what_could_have_been(self):
        card = report_card(UNSEEN, iqr=0.5)
        assert "the smallest effect we could have seen is 0.7 per interquartile" in card.text
        assert "fell" not in card.text

    def test_other_methods_do_not_speak_of_exposure(self):
        text = report_card(replace(SEEN, method="interrupted_time_series")).text
        assert "the estimate lies below zero, -2 per unit" in text
        assert "more exposed" not in text

    def test_html_is_escaped_and_shows_each_check(self):
        checks = [*made("balance"), CheckResult("attrition", "failed", "a < b & c")]
        shown = report_card(SEEN, checks)._repr_html_()
        assert "✓ balance: finding of balance" in shown
        assert "✗ attrition: a &lt; b &amp; c" in shown

    def test_frame_has_one_row_a_check(self):
        card = report_card(SEEN, made("dose_response", "attrition"))
        assert card.frame()["core"].tolist() == [False, True]
        assert card.check("dose_response").text == "finding of dose_response"
        with pytest.raises(DesignError, match="no check 'moran'; made: dose_response, attrition"):
            card.check("moran")

    @pytest.mark.parametrize(
        ("options", "said"),
        [({"iqr": 0.0}, "iqr 0.0"), ({"smallest_seen": -1}, "smallest_seen -1")],
    )
    def test_scales_are_above_zero(self, options, said):
        with pytest.raises(DesignError, match=said):
            report_card(SEEN, **options)

    def test_a_result_without_headline_has_no_verdict(self):
        with pytest.raises(DesignError, match="no headline"):
            report_card(replace(SEEN, headline=""))


class TestFromData:
    """The card on panels with a known truth."""

    def test_a_clean_effect_is_supported(self):
        card = whole(*example_panel(effect=1.0))
        assert (card.conclusion, card.direction) == ("supported", "higher")
        assert card.facts["low"] < 0.5 < card.facts["high"]  # 1.0 x an interquartile range of 0.5

    def test_no_effect_is_not_distinguishable(self):
        card = whole(*example_panel(effect=0.0))
        assert card.conclusion == "not distinguishable"
        assert card.facts["smallest_seen"] == pytest.approx(0.11, abs=0.02)

    @pytest.mark.parametrize(
        ("fault", "check"),
        [
            (lambda f: f["x"] * f["year"] * 0.3, "pretrend_joint"),
            (lambda f: f["x"] * f["year"] * 0.3, "placebo_date"),
            (lambda f: f["x"] * (f["year"] == 5), "anticipation"),
        ],
        ids=["pretrend", "placebo date", "anticipation"],
    )
    def test_an_injected_fault_makes_it_fragile(self, fault, check):
        panel, names = example_panel(effect=1.0)
        card = whole(panel.assign(y=panel["y"] + fault(panel)), names)
        assert card.conclusion == "fragile"
        assert check in card.failed_core

    def test_attrition_makes_it_fragile(self):
        panel, names = example_panel(effect=1.0)
        gone = (panel["year"] >= 8) & (panel["x"] > 0.6)
        card = whole(panel[~gone], names)
        assert card.failed_core == ("attrition",)

    def test_one_unit_makes_it_fragile(self):
        panel, names = example_panel(effect=0.0, noise=0.05)
        panel["x"] = np.where(panel["unit"] == 7, 3.0, panel["x"])
        panel["y"] += 2.0 * (panel["unit"] == 7) * (panel["year"] >= 6)
        card = whole(panel, names)
        assert card.conclusion in ("fragile", "not distinguishable")
        assert "leave_one_unit_out" in card.failed
