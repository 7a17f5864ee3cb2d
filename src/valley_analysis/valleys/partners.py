"""Who is named with which valley, and in which role: the network, and where it has gaps."""

import pandas as pd

from valley_analysis.valleys.register import Register

BUSINESS = ("company", "state_corporation")
COMMITTED = ("resident", "investor", "agreement", "manager")
"""Roles that bind; an intention or a statement does not."""


def partners_frame(register: Register) -> pd.DataFrame:
    """Return every organisation named with a valley.

    Returns
    -------
    One row a link, in the order of the register: valley, partner_en, partner_ru, kind, role,
    since, confidence, source, committed (whether the role binds).
    """
    rows = [
        (
            valley.id,
            one.name.en,
            one.name.ru,
            one.kind,
            one.role,
            str(one.since or ""),
            one.confidence,
            one.source or "",
            one.role in COMMITTED,
        )
        for valley in register.valleys.entries
        for one in valley.partners
    ]
    columns = ["valley", "partner_en", "partner_ru", "kind", "role", "since", "confidence"]
    return pd.DataFrame(rows, columns=[*columns, "source", "committed"])


def cooperation(register: Register) -> pd.DataFrame:
    """Return, for each valley, how its region and large companies take part.

    Returns
    -------
    Indexed by valley, in the order of the register: companies (companies and state corporations
    named), committed (of them in a role that binds), universities (universities and institutes),
    authorities, shared (partners that another valley names too), gap: "none named",
    "words only" (companies, but none bound) or "".
    """
    found = partners_frame(register)
    counted = found.groupby("partner_en")["valley"].nunique()
    found = found.assign(shared=found["partner_en"].map(counted) > 1)
    rows = {valley: _row(found[found["valley"] == valley]) for valley in register.valleys.ids}
    return pd.DataFrame(rows).T.rename_axis("valley")


def _row(links: pd.DataFrame) -> dict[str, object]:
    business = links[links["kind"].isin(BUSINESS)]
    committed = int(business["committed"].sum())
    gap = "none named" if business.empty else "words only" if not committed else ""
    return {
        "companies": business["partner_en"].nunique(),
        "committed": committed,
        "universities": int(links["kind"].isin(["university", "institute"]).sum()),
        "authorities": int(links["kind"].eq("authority").sum()),
        "shared": int(links["shared"].sum()),
        "gap": gap,
    }
