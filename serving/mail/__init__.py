"""Mail as it goes out and comes in: templates, composing, signing, transports, inboxes."""
