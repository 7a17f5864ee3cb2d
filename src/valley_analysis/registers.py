"""Reading a register: a YAML data file, checked against a model, all problems at once."""

from pathlib import Path
from typing import Any, TypeVar

from valley_analysis.errors import RegisterError

T = TypeVar("T")


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file (read by libyaml where it is there).

    Raises
    ------
    RegisterError
        If the file is absent or is not valid YAML; the message names the line.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text("utf-8"), Loader=loader)
    except FileNotFoundError as error:
        raise RegisterError(path.name, ["the file is absent"], "restore it from git") from error
    except yaml.YAMLError as error:
        raise RegisterError(path.name, [str(error)], "mend the YAML at that line") from error


def check_register(content: Any, model: type[T], where: str) -> T:
    """Return `content` as `model`, or raise with every problem that it has.

    Parameters
    ----------
    content
        What YAML or a caller gave: lists, dicts, scalars.
    model
        Any type that pydantic can validate.
    where
        The name to print, usually the file's.

    Raises
    ------
    RegisterError
        One line for each key that is missing, unknown or of the wrong type.

    Examples
    --------
    >>> check_register([1, 2], list[int], "numbers.yml")
    [1, 2]
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in found['loc']) or 'top level'}: {found['msg']}"
            f" (found {found['input']!r:.80})"
            for found in error.errors()
        ]
        raise RegisterError(where, problems, "correct these keys") from error
