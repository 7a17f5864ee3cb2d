"""What the pages themselves say, in both languages."""

from functools import cache
from pathlib import Path
from typing import Any

from valley_analysis.registers import check_register, read_yaml
from valley_analysis.text import check_lang, number

REGISTER = Path(__file__).with_name("words.yml")
_Word = dict[str, str]


@cache
def words(lang: str) -> dict[str, Any]:
    """Return the phrases of one language by key; `files` holds those of the data files.

    Raises
    ------
    RegisterError
        If words.yml is not as it should be.

    Examples
    --------
    >>> words("ru")["score"]
    'Балл'
    """
    content = read_yaml(REGISTER)
    files = check_register(content.pop("files"), dict[str, _Word], REGISTER.name)
    known = check_register(content, dict[str, _Word], REGISTER.name)
    checked = check_lang(lang)
    return {
        **{key: texts[checked] for key, texts in known.items()},
        "files": {name: texts[checked] for name, texts in files.items()},
    }


def size(count: int, lang: str) -> str:
    """Print a number of bytes.

    Examples
    --------
    >>> size(512, "en"), size(20480, "ru"), size(3 << 20, "en")
    ('512 B', '20 КБ', '3.0 MB')
    """
    checked = check_lang(lang)
    units = {"en": ("B", "KB", "MB"), "ru": ("Б", "КБ", "МБ")}[checked]
    if count < 1024:
        return f"{count} {units[0]}"
    if count < 1 << 20:
        return f"{count / 1024:.0f} {units[1]}"
    return f"{number(count / (1 << 20), 1, checked)} {units[2]}"
