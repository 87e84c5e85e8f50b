"""How the site speaks to its database."""

from typing import Any


def database_settings(address: dict[str, Any]) -> dict[str, Any]:
    """What `DATABASE_URL` says, with what suits this site."""
    if address["ENGINE"].endswith("sqlite3"):
        options = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA cache_size=-16000;",
            # Writers queue at BEGIN instead of failing in mid-transaction.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        }
        return {**address, "OPTIONS": options}
    # Pages ask short questions: to compile one, or to answer it in several processes, takes longer
    # than the answer; and random_page_cost is made for disks that turn.
    usual = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    options = {"options": usual, **address.get("OPTIONS", {})}
    return {**address, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
