"""White label: an organization's name, logo and colours, at run time."""
