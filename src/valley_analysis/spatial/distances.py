"""Great-circle distances between points given by longitude and latitude."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from valley_analysis.errors import DesignError

EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of the IUGG


def great_circle_km(lon: ArrayLike, lat: ArrayLike) -> np.ndarray:
    """Return the distances between all pairs of points on a sphere, in kilometres.

    By the haversine formula, which is exact for near points too; the sphere deviates from the
    ellipsoid by at most 0.6 %. The whole matrix is held in memory: 8 n^2 bytes.

    Parameters
    ----------
    lon, lat
        Degrees, n each. Longitudes may run on beyond 180, as a map of Chukotka does.

    Returns
    -------
    ndarray
        n x n, symmetric, with zeros on the diagonal.

    Raises
    ------
    DesignError
        If lengths differ, a coordinate is missing or a latitude lies beyond a pole.

    Notes
    -----
    Sinnott, R. W. (1984), Virtues of the haversine, Sky and Telescope 68, 158.

    Examples
    --------
    Moscow to Kaliningrad, and to Yuzhno-Sakhalinsk:

    >>> great_circle_km([37.62, 20.51, 142.73], [55.75, 54.71, 46.96])[0].round(-1).tolist()
    [0.0, 1090.0, 6640.0]
    """
    try:
        east, north = (np.asarray(one, dtype=float).ravel() for one in (lon, lat))
    except (TypeError, ValueError) as error:
        found = [f"coordinates are no numbers: {error}"]
        raise DesignError("points", found, "give degrees, such as 37.62") from None
    problems = list(_problems(east, north))
    if problems:
        raise DesignError(
            "points", problems, "give one longitude and latitude, in degrees, a point"
        )
    phi, lam = np.radians(north), np.radians(east)
    cosine = np.cos(phi)
    # Squares of half chords, in place; the product of cosines first, so that both orders of a pair
    # give the same bits.
    chord = np.sin((lam[:, None] - lam) / 2) ** 2
    chord *= np.outer(cosine, cosine)
    chord += np.sin((phi[:, None] - phi) / 2) ** 2
    np.clip(chord, 0, 1, out=chord)
    km: np.ndarray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))
    return km


def _problems(lon: np.ndarray, lat: np.ndarray) -> Iterator[str]:
    if lon.shape != lat.shape:
        yield f"{lon.size} longitudes and {lat.size} latitudes"
        return
    for place in np.flatnonzero(~np.isfinite(lon) | ~np.isfinite(lat))[:5]:
        yield f"point {place}: longitude {lon[place]}, latitude {lat[place]}"
    with np.errstate(invalid="ignore"):
        for place in np.flatnonzero(np.abs(lat) > 90)[:5]:
            yield f"point {place}: latitude {lat[place]} lies beyond a pole; swapped?"
