"""What open deals may still bring: pure maths over the history of their stages."""
