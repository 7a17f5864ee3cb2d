"""The panel as pandas joins it best."""

import pandas as pd

_TEXTS = ("region", "series", "method", "vintage", "flag", "source")


def plain(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with texts as strings and periods as int, ready for pandas' joins."""
    texts = {column: "str" for column in _TEXTS if column in panel}
    return panel.astype({**texts, "period": int})
