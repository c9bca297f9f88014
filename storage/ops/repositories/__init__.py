"""Every query of the operational store, by plural noun. A repository belongs to one unit of work and keeps its scope."""
