"""What visitors do on the customer's sites."""
