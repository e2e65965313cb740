"""Checks an export of sensor-hub's chronology. Needs nothing but Python: python3 verify.py [FOLDER]

Each chronology-*.jsonl has a heading, then a line for each entry. Of entries about other homes it has only the digest.
"""

import hashlib
import json
import sys
from pathlib import Path

FIELDS = ("at_ms", "tenant", "who", "role", "act", "home", "about", "detail", "salt")


def check(path: Path, anchors: dict[tuple[str, int], str]) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    heading = json.loads(lines[0])
    before, number, met = heading["before"], heading["first"] - 1, 0
    for line in lines[1:]:
        row = json.loads(line)
        number += 1
        digest = row.get("digest")
        if digest is None:
            text = json.dumps([row[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))
            digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        made = hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(digest)).hexdigest()
        told = anchors.get((heading["tenant"], number), made)
        if row["number"] != number or row["hash"] != made or told != made:
            return f"WRONG at entry {number}"
        met += (heading["tenant"], number) in anchors
        before = made
    if number != heading["last"]:
        return f"WRONG: ends with entry {number} instead of {heading['last']}"
    return f"entries {heading['first']} to {number} hang together, {met} anchors met"


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    told = [json.loads(line) for line in (folder / "anchors.jsonl").read_text(encoding="utf-8").splitlines()]
    anchors = {(each["tenant"], each["number"]): each["hash"] for each in told}
    results = {path.name: check(path, anchors) for path in sorted(folder.glob("chronology-*.jsonl"))}
    for name, result in results.items():
        print(f"{name}: {result}")
    return 1 if any("WRONG" in result for result in results.values()) or not results else 0


if __name__ == "__main__":
    sys.exit(main())
