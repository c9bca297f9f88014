"""What people decide about models: suspect columns used all the same, a version kept in use."""
