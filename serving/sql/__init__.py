"""Questions that analysts write themselves, in SQL, over the marts of one organization."""
