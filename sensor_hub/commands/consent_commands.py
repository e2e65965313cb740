"""The commands about what is agreed with residents: `sensor-hub consent`; and about all that is kept: `person`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from sensor_hub.model.consent import BASIS_WORDS, DATA_WORDS, Basis, Data
from sensor_hub.model.problem import InputError

HOME = Annotated[str, typer.Argument(metavar="HOME", help="the home's id")]
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
KINDS = ", ".join(f"{data.value} ({words})" for data, words in DATA_WORDS.items())
NOTE = Annotated[str, typer.Option("--note", metavar="TEXT", help="what was explained, and how")]
WHO = Annotated[str, typer.Option("--decided-by", metavar="WHO", help="and as what: 'J. Reed, social worker'")]
NO_RECORD = "no record yet: everything is collected; write down what is agreed with sensor-hub consent set"

consent = typer.Typer(no_args_is_help=True, help="What is agreed with a home's resident. The hub must be running.")
person = typer.Typer(no_args_is_help=True, help="All that is kept of who lives in a home. The hub must be running.")


@consent.command("show")
def show_command(home: HOME, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Says what is agreed, on which basis, until when, and what is being erased."""
    from sensor_hub.commands.asking import list_from_hub
    from sensor_hub.settings import read_settings

    settings, path = read_settings(config), f"/api/v1/consents/{home}"
    history = list(list_from_hub(settings, f"{path}/history"))
    for decision in reversed(history):
        typer.echo(_line(decision))
    if not history:
        typer.echo(f"{home}: {NO_RECORD}")
    for erasure in list_from_hub(settings, f"{path}/erasures"):
        kinds = ", ".join(erasure["scope"])
        typer.echo(f"erasure of {kinds}: {erasure['state']}, from {erasure['due']} on, {erasure['rows']} rows so far")


@consent.command("set")
def set_command(
    home: HOME,
    scope: Annotated[str, typer.Argument(metavar="KINDS", help=f"all, none, or some with commas: {KINDS}")],
    basis: Annotated[str, typer.Option("--basis", help=", ".join(f"{one}: {BASIS_WORDS[one]}" for one in Basis))],
    decided_by: WHO,
    decided_on: Annotated[str, typer.Option("--on", metavar="DATE", help="2026-11-24; today")] = "",
    review_on: Annotated[str, typer.Option("--review", metavar="DATE", help="a year later")] = "",
    note: NOTE = "",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Writes a decision down. What it does not name is collected no more, and what there is of it is erased."""
    if basis not in set(Basis):
        raise InputError(f"{basis!r} is no basis", where="--basis", expected=" or ".join(Basis))
    values = {
        "basis": basis,
        "scope": _scope(scope),
        "decided_by": decided_by,
        "decided_on": decided_on or None,
        "review_on": review_on or None,
        "note": note,
    }
    version = _ask(config, home, "", {}, "GET")["version"]
    typer.echo(_line(_ask(config, home, "", values, "PUT", version)["current"]))


@consent.command("withdraw")
def withdraw_command(
    home: HOME,
    scope: Annotated[str, typer.Argument(metavar="KINDS", help="what is no longer agreed, with commas")] = "all",
    decided_by: WHO = "",
    note: NOTE = "",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Stops collecting these kinds of data at once, and erases what there is of them."""
    values = {"scope": _scope(scope), "decided_by": decided_by, "note": note}
    typer.echo(_line(_ask(config, home, "/withdraw", values, "POST")["current"]))


@person.command("export")
def export_command(
    home: HOME,
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="where it goes; a new file")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Writes all that is kept of the home and of who lives there: a page to read, and data."""
    from sensor_hub.commands.asking import fetch_from_hub
    from sensor_hub.settings import read_settings

    if file.exists():
        raise InputError("stands there already", where=str(file), expected="a new file")
    size = fetch_from_hub(read_settings(config), f"/api/v1/persons/{home}", file)
    typer.echo(f"{home}: {size} bytes in {file}; it holds personal data, keep it accordingly")


@person.command("erase")
def erase_command(
    home: HOME,
    reason: Annotated[str, typer.Option("--why", metavar="TEXT", help="'she moved away'")],
    confirm: Annotated[str, typer.Option("--confirm", metavar="HOME", help="the home's id once more")] = "",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Erases all that is kept of the home and of who lives there: at once, for good. A certificate follows."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    if confirm != home:
        raise InputError("this cannot be undone", where="person erase", expected=f"--confirm {home}")
    path = f"/api/v1/persons/{home}/erase"
    ask_hub(read_settings(config), path, {"home": home, "reason": reason}, method="POST")
    typer.echo(f"{home}: it is being erased. Remove its file, so that nobody describes it again.")
    typer.echo("The certificate: sensor-hub person certificates, or the page /erasures, once it is done.")


@person.command("certificates")
def certificates_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Writes the certificates of all erasures as JSON, one a line, the last first."""
    import json

    from sensor_hub.commands.asking import list_from_hub
    from sensor_hub.settings import read_settings

    for certificate in list_from_hub(read_settings(config), "/api/v1/erasures"):
        typer.echo(json.dumps(certificate, ensure_ascii=False))


def _ask(
    config: Path, home: str, path: str, values: dict[str, Any], way: str, version: int | None = None
) -> dict[str, Any]:
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    return ask_hub(read_settings(config), f"/api/v1/consents/{home}{path}", values, method=way, version=version)


def _scope(text: str) -> list[str]:
    if text in {"all", "none"}:
        return [data.value for data in Data] if text == "all" else []
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = next((name for name in names if name not in set(Data)), None)
    if wrong is not None or not names:
        raise InputError(f"{wrong!r} is no kind of data", where="KINDS", expected=f"all, none or of {', '.join(Data)}")
    return names


def _line(decision: dict[str, Any]) -> str:
    agreed = _listed(decision["scope"]) or "nothing"
    due = ", review due" if decision["is_review_due"] else ""
    by = f" by {decision['decided_by']}" if decision["decided_by"] else ""
    words = BASIS_WORDS[Basis(decision["basis"])]
    review = f", review on {decision['review_on']}{due}" if decision["scope"] else ""
    return (
        f"agreed: {agreed} ({words}; decided on {decision['decided_on']}{by}{review}); written down by {decision['by']}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
