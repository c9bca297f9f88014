"""HubSpot: what an account there knows of people and companies, Breeze (once Clearbit) included."""
