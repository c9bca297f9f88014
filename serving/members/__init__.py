"""Who works in an organization: seats, and invitations to take one."""
