"""Who will become a customer: rules, a learned model beside them, and the reasons of both."""
