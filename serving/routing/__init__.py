"""Who gets a lead: the rules of an organization, tried and carried out."""
