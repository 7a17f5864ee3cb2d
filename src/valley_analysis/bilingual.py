"""A text in both languages of the suite, as registers hold it."""

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """Base of what a register holds: frozen, no unknown keys, no number that is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Bilingual(Entry):
    """A text in English and Russian.

    Examples
    --------
    >>> Bilingual(en="rank", ru="место")["ru"]
    'место'
    """

    en: str
    ru: str

    def __getitem__(self, lang: str) -> str:
        """Return the text in `lang`."""
        return str(getattr(self, lang))
