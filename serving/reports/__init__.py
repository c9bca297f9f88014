"""Reports: dashboards for those who have no account here, behind a link that ends."""
