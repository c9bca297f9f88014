"""Every query of the operational store, one module for each kind of thing. A repository never commits and always
filters by the scope of its unit of work: another organization's row looks like no row."""
