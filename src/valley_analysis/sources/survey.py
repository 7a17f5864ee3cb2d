"""Reading a sheet that the register does not describe: its own header says what it holds."""

from collections import Counter

from valley_analysis.errors import LayoutError
from valley_analysis.sources.sheets import Grid, Sheet, find_header, read_sheet, year_blocks
from valley_analysis.sources.tables import MethodSpan, TableSpec


def infer_specs(grid: Grid, sheet: str) -> list[TableSpec]:
    """Describe the tables of a sheet from its header alone.

    Parameters
    ----------
    grid
        Rows of cells, the sheet's first row first.
    sheet
        The sheet's name.

    Returns
    -------
    One description for each run of years; none if no heading prints a year. Where a year
    has several columns they are told apart as methods "1", "2", ....

    Examples
    --------
    >>> [spec.years for spec in infer_specs([["", 2010.0, 2011.0], ["Tula", 1.0, 2.0]], "1.1")]
    ['2010,2011']
    """
    header = find_header(grid)
    if header is None:
        return []
    specs = []
    for number, block in enumerate(year_blocks(grid, header)):
        columns = Counter(year for _, year, _ in block)
        methods = [
            MethodSpan(id=str(n + 1), first=year, last=year)
            for year, count in columns.items()
            for n in range(count)
        ]
        specs.append(
            TableSpec(
                id=f"{sheet.strip('. ')}/{number + 1}",
                sheet=sheet,
                title=sheet,
                unit="",
                years=",".join(str(year) for year in sorted(columns)),
                methods=tuple(methods) if max(columns.values()) > 1 else (),
                block=number,
                where=sheet,
            )
        )
    return specs


def read_any(grid: Grid, sheet: str) -> list[Sheet]:
    """Read every table of a sheet as its own header describes it.

    Raises
    ------
    LayoutError
        If no heading prints a year, or a cell is neither a number nor a published reason.
    """
    specs = infer_specs(grid, sheet)
    if not specs:
        raise LayoutError(sheet, ["no row of years near the top"], "read it by hand")
    return [read_sheet(grid, spec) for spec in specs]
