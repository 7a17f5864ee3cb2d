"""The real exposures: worked from the printed tables, and against what is known of them."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from valley_analysis.frames import Scope
from valley_analysis.regions import scope, units
from valley_analysis.sanctions import (
    ExposureSpec,
    compare_exposures,
    correlates,
    exposure,
    find_exposure,
    places,
    resource_regions,
)

HOSTS = (
    *("RU-MOW", "RU-KDA", "RU-PRI", "RU-TUL", "RU-KLU"),
    *("RU-NIZ", "RU-KGD", "RU-RYA", "RU-NGR", "RU-KHM"),
)
# Official mean rates of the year, roubles a dollar.
RATES = {2017: 58.35, 2018: 62.71, 2019: 64.74, 2020: 72.15, 2021: 73.65}
WHOLE = {"Архангельская область", "Тюменская область"}


def printed(root: Path, table: str, year: int) -> dict[str, float]:
    """The figures of a year as printed, of the 83 rows that are disjoint units."""
    path = root / "data" / "raw" / "rosstat" / "yearbook-2023" / f"{table}.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[1:]
    kept = {
        row["label"]: float(row[str(year)].strip().replace("–", "0") or "nan")
        for row in rows
        if "федеральный округ" not in row["label"]
        and row["label"] not in WHOLE
        and "Крым" not in row["label"]
        and "Севастополь" not in row["label"]
    }
    assert len(kept) == 83
    return kept


@pytest.mark.parametrize(
    ("label", "code", "imports", "product"),
    [
        # 2021 as printed: mln USD (table 21.1.2), mln RUB (table 08.1)
        ("Калининградская область", "RU-KGD", 8209.5, 675000.6),
        ("Калужская область", "RU-KLU", 7409.5, 664150.0),
        ("Тюменская область без автономных округов", "RU-TYU-X", 1076.2, 1536012.4),
        ("Архангельская область без автономного округа", "RU-ARK-X", 355.9, 648582.9),
    ],
)
def test_one_year_worked_from_the_printed_tables(
    root: Path,
    latest: pd.DataFrame,
    recognised: Scope,
    label: str,
    code: str,
    imports: float,
    product: float,
) -> None:
    trade, grp = printed(root, "21.1.2", 2021), printed(root, "08.1", 2021)
    assert trade[label] == pytest.approx(imports, abs=0.05)
    assert grp[label] == pytest.approx(product, abs=0.05)
    expected = (imports / sum(trade.values())) / (product / sum(grp.values()))
    spec = ExposureSpec("one_year", ("imports_far",), "grp", (2021,), form="level", before=2022)
    found = exposure(latest, spec, recognised).values[code]
    assert found == pytest.approx(expected, rel=2e-4)  # figures above are rounded to 0.1


def test_five_years_of_kaluga_by_hand(real):
    """Kaluga's figures and the sums of 83 rows, typed from the tables."""
    imports = [5169.07, 5863.1, 6561.9, 5839.8, 7409.5]
    product = [457052.5, 507632.2, 549755.8, 561895.8, 664150.0]
    all_imports = [202562.24, 212000.0, 216860.4, 206657.2, 262136.4]
    all_product = [79258829.6, 89643797.5, 94447217.6, 93750082.5, 120427916.5]
    yearly = [
        (m / sm) / (y / sy)
        for m, sm, y, sy in zip(imports, all_imports, product, all_product, strict=True)
    ]
    assert real[2022, "imports_far_grp_level"].values["RU-KLU"] == pytest.approx(
        sum(yearly) / 5, rel=1e-4
    )


def test_every_unit_has_the_main_exposure_and_nothing_was_guessed(real):
    for wave in (2014, 2022):
        result = real[wave, "imports_far_grp"]
        assert result.values.notna().sum() == 83
        assert (result.frame["n_periods"] == len(result.spec.periods)).all()
        assert result.flags[["suppressed", "imputed", "unavailable", "missing"]].sum().sum() == 0


def test_totals_are_those_of_the_printed_country_but_for_imports_of_2021(real):
    """In 2021 the printed regions (and districts) add up to 1.2 % more than the country."""
    totals = real[2022, "imports_far_grp"].totals
    ratio = totals["numerator"] / totals["numerator_printed"]
    assert ratio.drop(2021).between(0.997, 1.001).all()
    assert ratio[2021] == pytest.approx(1.012, abs=0.001)
    # GRP of the country includes Crimea and Sevastopol
    assert (totals["denominator"] / totals["denominator_printed"]).between(0.992, 0.995).all()


def test_imports_over_product_as_measured_beforehand(latest):
    """Kaliningrad 92 %, Kaluga 75 %, skewness 4.5; the median is nearer 5 than 4 %."""
    table = {
        name: latest[(latest["series"] == name) & latest["period"].isin(RATES)]
        .assign(region=lambda rows: rows["region"].astype(str))
        .pivot(index="region", columns="period", values="value")
        .loc[list(units())]
        for name in ("imports_far", "grp")
    }
    ratio = (table["imports_far"].mul(pd.Series(RATES)) / table["grp"]).mean(axis=1)
    assert ratio["RU-KGD"] == pytest.approx(0.92, abs=0.02)
    assert ratio["RU-KLU"] == pytest.approx(0.75, abs=0.02)
    assert ratio.median() == pytest.approx(0.0485, abs=0.002)
    assert ratio.skew() == pytest.approx(4.5, abs=0.1)


def test_the_quotient_orders_regions_as_imports_over_product_do(real):
    level = real[2022, "imports_far_grp_level"].values
    assert level["RU-KGD"] / level["RU-KLU"] == pytest.approx(0.92 / 0.75, abs=0.03)


def test_nine_of_ten_hosts_are_among_the_seventeen_most_exposed_in_2022(real):
    found = places(real[2022, "imports_far_grp"], HOSTS)
    assert (found <= 17).sum() == 9
    assert found.index[-1] == "RU-KHM"
    assert found["RU-KHM"] > 75


def test_before_2014_fewer_hosts_were(real):
    found = places(real[2014, "imports_far_grp"], HOSTS)
    assert (found <= 17).sum() == 6


def test_exposures_of_the_two_waves_go_together(real):
    """0.84 as measured beforehand is reached with 2017-2019; with 2017-2021 it is 0.825."""
    table = compare_exposures(
        {
            "first": real[2014, "imports_far_grp"],
            "second": real[2022, "imports_far_grp"],
            "short": real[2022, "imports_far_grp_short"],
        }
    ).set_index(["one", "other"])
    assert table.loc[("first", "second"), "spearman"] == pytest.approx(0.825, abs=0.002)
    assert table.loc[("first", "short"), "spearman"] == pytest.approx(0.839, abs=0.002)
    assert table.loc[("first", "second"), "mover"] == "RU-MAG"


def test_imports_and_exports_are_different_exposures(real):
    table = compare_exposures({k: real[2022, f"{k}_far_grp"] for k in ("imports", "exports")})
    assert table.loc[0, "spearman"] == pytest.approx(0.405, abs=0.005)


def test_imports_from_the_cis_before_2014_use_one_method(real):
    result = real[2014, "imports_cis_grp"]
    assert (result.frame["n_periods"] == 2).all()
    assert "2011 left out" in result.definition()


def test_crimea_before_2014_is_not_computable_and_changes_nothing_else(latest, real):
    spec = find_exposure("imports_far_grp", 2014)
    wide = exposure(latest, spec, scope("rosstat"))
    assert set(wide.frame.index[wide.frame["value"].isna()]) == {"UA-40", "UA-43"}
    narrow = real[2014, "imports_far_grp"].values
    assert wide.values.reindex(narrow.index).to_dict() == pytest.approx(narrow.to_dict())


@pytest.mark.parametrize(("wave", "count"), [(2014, 20), (2022, 20)])
def test_resource_regions(latest, recognised, wave, count):
    found = resource_regions(latest, wave, recognised)
    resource = set(found.frame.index[found.frame["resource"]])
    assert len(resource) == count
    assert {"RU-KHM", "RU-YAN", "RU-NEN", "RU-SAK", "RU-SA", "RU-KEM"} <= resource
    assert not resource & {"RU-MOW", "RU-KGD", "RU-KLU", "RU-TUL", "RU-NIZ", "RU-TYU-X"}
    stated = set(found.frame.index[found.frame["basis"] == "stated"])
    assert stated == ({"RU-KL"} if wave == 2022 else set())


def test_resource_regions_import_less_and_hosts_more(latest, recognised, real):
    values = real[2022, "imports_far_grp"].values
    flags = pd.DataFrame(
        {
            "host": values.index.isin(HOSTS),
            "resource": resource_regions(latest, 2022, recognised).frame["resource"],
        },
        index=values.index,
    )
    table = correlates(values, flags, seed=1, replications=499).table
    assert table.loc["resource", "high"] < 0
    assert table.loc["host", "low"] > 0
