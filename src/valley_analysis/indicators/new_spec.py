"""A specification to begin with: every key with its default and what it means."""

import re
from dataclasses import fields
from pathlib import Path

from valley_analysis.errors import SpecError
from valley_analysis.files import write_aside
from valley_analysis.scoring import IndexSpec
from valley_analysis.scoring.settings import AT_THE_TOP, CHOICES, MEANS, NORMALISATIONS, WEIGHTINGS

START = {
    "knowledge": ("rd_expenditure_share", "rd_staff_per_10k_employed", "patents_per_100k"),
    "use": ("innovation_activity", "innovative_goods_share", "internet_users"),
}
NAME = re.compile(r"[\w-]{1,60}")
_TEXT = """\
# Specification of an index. Only `name` and `dimensions` are needed: every key below them shows
# its default, take the sign # off to change it.
#   valley run 02_regional_index -p spec={file}
#   valley run 03_index_robustness -p spec={file}
name: {name}
about: One sentence for readers.

# Dimension -> its indicators, by the ids that `valley list indicators` prints. Dimensions may have
# names of your own; directions (more or less is better) are the catalogue's.
dimensions:
{dimensions}

# Dimensions that are also scored together, beside the index: conditions apart from results.
# subindices: {{{subindices}}}

# Weights inside a dimension: {weightings}.
#   shared: equal, near-duplicates (correlation above `shared_above`) share one weight
#   flat: every indicator the same in the whole index
#   given: your own, below; for every indicator, and for dimensions where they differ
{weighting}
{shared_above}
# given: {{{given}}}

# Outliers, before scaling: {treatments}.
#   quantiles cuts at the two shares of `winsorise`; winsorise follows skewness, kurtosis and the
#   most points moved in `outliers`
{treatment}
{winsorise}
{outliers}

# Scale: {normalisations}
{normalisation}
# Goalposts over all periods of `reference`, so that editions compare; or each period by itself
{pooled}
{reference}

# Mean inside dimensions ({inside})
# and of dimensions ({between});
# below 100, `floor` is what 0 points enter as where a mean is not arithmetic
# aggregation: [arithmetic, arithmetic]
{floor}

# Missing values: {imputations}
{imputation}
# How many years older than the edition a value may be
{max_lag}
# Share of weight that a unit must have in a dimension, and in the index, to be scored
{dimension_threshold}
{index_threshold}
# A withheld value enters as the middle of its bounds if they are this close, in points
{suppressed_tolerance}

# First and last edition; editions whose sources are not all published yet
{editions}
# provisional: []
# Prices in which money enters, and by which index: {deflators}
{base}
{deflator}
"""


def write_spec(name: str, folder: Path) -> Path:
    """Write a commented specification that scores as it stands.

    Parameters
    ----------
    name
        Its name, or that of a file ending in .yml.
    folder
        Where to.

    Raises
    ------
    SpecError
        If the name cannot be a file's, or there is such a file.
    """
    stem = name.removesuffix(".yml").removesuffix(".yaml")
    path = folder / f"{stem}.yml"
    if not NAME.fullmatch(stem):
        problem = f"{name!r}; expected letters, digits, - and _, 60 at most"
        raise SpecError("new-spec", [problem], "choose such a name")
    if path.exists():
        raise SpecError("new-spec", [f"{path.name} is there already"], "choose another name")
    return write_aside(path, spec_text(stem))


def spec_text(name: str) -> str:
    """Return a commented specification.

    Examples
    --------
    >>> print(spec_text("mine").splitlines()[4])
    name: mine
    """
    defaults = {field.name: field.default for field in fields(IndexSpec)}
    listed = [f"  {dimension}: [{', '.join(names)}]" for dimension, names in START.items()]
    weights = [f"{indicator}: 1" for names in START.values() for indicator in names]
    return _TEXT.format(
        name=name,
        file=f"{name}.yml",
        dimensions="\n".join(listed),
        given=", ".join([*weights, "knowledge: 2", "use: 1"]),
        subindices=", ".join(f"{name}_only: [{name}]" for name in START),
        weightings=", ".join(WEIGHTINGS),
        treatments=", ".join(CHOICES["treatment"]),
        normalisations=", ".join(NORMALISATIONS),
        imputations=", ".join(CHOICES["imputation"]),
        deflators=", ".join(CHOICES["deflator"]),
        inside=", ".join(MEANS),
        between=", ".join(AT_THE_TOP),
        **{key: f"# {key}: {_yaml(defaults[key])}" for key in _PLAIN},
    )


_PLAIN = (
    *("weighting", "shared_above", "treatment", "winsorise", "outliers", "normalisation", "pooled"),
    *("reference", "floor", "imputation", "max_lag", "dimension_threshold", "index_threshold"),
    *("suppressed_tolerance", "editions", "base", "deflator"),
)


def _yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)
