"""Draw the README's picture: the map of scores of the latest edition that is not provisional."""

from valley_analysis import paths, regions, scoring
from valley_analysis.charts import plot_map
from valley_analysis.indicators import load_indicators, load_spec

PERIOD = 2021


def main() -> None:
    spec, scope = load_spec("regional_innovation"), regions.scope()
    result = scoring.score_index(load_indicators(), spec, PERIOD, scope)
    figure = plot_map(
        result.scores["score"],
        title=f"Regional innovation index, {PERIOD}",
        scope=scope,
        what="score, 0-100",
        edition=PERIOD,
    )
    figure.savefig(paths.root() / "docs" / "regional_index.png", dpi=110)


if __name__ == "__main__":
    main()
