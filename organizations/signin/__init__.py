"""How people sign in: accounts are issued by a manager, never self-registered."""
