"""The audit log as its administrators see it: who may read it, its page, its export."""
