"""Who neighbours whom, how far apart, and whether neighbours are alike; knows no country."""

from valley_analysis.spatial.distances import great_circle_km
from valley_analysis.spatial.local import LocalMoran, local_moran
from valley_analysis.spatial.moran import MoranResult, ResidualMoran, moran, residual_moran
from valley_analysis.spatial.neighbours import contiguity, distance_band, from_pairs, knn
from valley_analysis.spatial.weights import SpatialWeights

__all__ = [
    "LocalMoran",
    "MoranResult",
    "ResidualMoran",
    "SpatialWeights",
    "contiguity",
    "distance_band",
    "from_pairs",
    "great_circle_km",
    "knn",
    "local_moran",
    "moran",
    "residual_moran",
]
