"""Conveniences for a session in JupyterLab."""

from valley_analysis.explore.progress import progress_bar

__all__ = ["progress_bar"]
