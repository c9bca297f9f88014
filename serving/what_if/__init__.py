"""What a lead's score would be if other things were known of it."""
