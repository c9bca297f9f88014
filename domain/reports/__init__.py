"""Reports: what a dashboard shows, fixed for somebody who reads it elsewhere."""
