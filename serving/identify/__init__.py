"""Who a visitor turned out to be: by a form, by the site's own word, or by a program with the secret key."""
