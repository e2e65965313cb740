"""The table of roles by actions in `deploy/access.md`. `python -m tests.access.table` writes it anew."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.access.action import Action
from sensor_hub.access.role import ROLES, Role

FILE = Path(__file__).parents[2] / "deploy" / "access.md"
BEGIN, END = "<!-- roles by actions: written from sensor_hub/access/role.py -->\n", "<!-- end -->\n"


def table() -> str:
    """A line for each action, a column for each role."""
    roles = list(Role)
    lines = [
        "| action | " + " | ".join(role.replace("_", " ") for role in roles) + " |",
        "| --- |" + " :-: |" * len(roles),
    ]
    for action in Action:
        cells = ["×" if action in ROLES[role] else "" for role in roles]
        lines.append(f"| `{action}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The file with the table as it ought to be."""
    text = FILE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
