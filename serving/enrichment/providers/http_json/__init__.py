"""Any JSON API, described by its address and the paths of its answers."""
