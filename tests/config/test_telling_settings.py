"""Contacts, teams, rotas and policies in `hub.toml`, and what is refused of them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Detail
from sensor_hub.alerts.policy import Policy, Step, policies_of
from sensor_hub.alerts.rota import Cover, Shift
from sensor_hub.alerts.wall_clock import HOLIDAY, Holidays, Hours
from sensor_hub.checks.checkup import problems
from sensor_hub.checks.tenant_checkup import tenants as tenants_checked
from sensor_hub.checks.tenant_checkup import tenants_noted
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.remark import remark_of
from sensor_hub.settings import Settings, read_settings
from tests.homes import moment

# Apprise loads its plug-ins at the first address, and some of them use what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PEOPLE = "".join(f"[[contact]]\nid = '{name}'\naddress = 'console://'\n" for name in ("ann", "bea", "cid"))
STEP = "[[policy]]\nid = 'p'\n[[policy.step]]\n"
ROTA = "[[rota]]\nid = 'r'\ntimezone = 'Europe/London'\n"
SHIFT = "[[rota.shift]]\nwho = ['ann']\nfrom = '00:00'\nto = '00:00'\n"
OLI = "[[contact]]\nid = 'oli'\naddress = 'console://'\ntenant = 'oakshire'\n"
OAK_STEP = "[[policy]]\nid = 'p'\ntenant = 'oakshire'\n[[policy.step]]\n"
README = Path(__file__).parent.parent.parent / "README.md"
GUIDE = Path(__file__).parent.parent.parent / "deploy" / "telling.md"


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "hub.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file)


def test_the_readmes_contacts_are_read_as_it_says(tmp_path: Path) -> None:
    blocks = re.findall(r" *```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    text = next(block for block in blocks if "[[contact]]" in block)
    (tmp_path / "fitter.address").write_text("console://")
    duty, fitter = settings_of(tmp_path, text).plan.contacts
    assert (duty.detail, duty.receives) == (Detail.FULL, {Audience.CARE})
    assert (fitter.detail, fitter.receives) == (Detail.MINIMAL, {Audience.TECHNICAL})


def test_the_guides_example_is_read_as_it_says(tmp_path: Path) -> None:
    text = next(
        block for block in re.findall(r"```toml\n(.*?)```", GUIDE.read_text(), re.DOTALL) if "[[rota]]" in block
    )
    contacts = "".join(f"[[contact]]\nid = '{name}'\naddress = 'console://'\n" for name in ("cid", "fitter", "office"))
    plan = settings_of(tmp_path, text + contacts + PEOPLE.replace("cid", "dan")).plan
    assert plan.teams == {"neighbours": ("cid", "office")}
    rota = plan.rotas["nights"]
    assert rota.holidays == Holidays("GB", "ENG")
    (night, day), (feast,) = rota.layers
    assert night == Shift(("ann", "bea"), Hours(20 * 60, 8 * 60), date(2026, 1, 5))
    assert day == Shift(("office",), Hours(8 * 60, 20 * 60))
    assert feast == Shift(("cid",), Hours(8 * 60, 20 * 60, frozenset({5, 6, HOLIDAY})))
    assert rota.covers == (Cover("cid", moment("2026-12-24 18:00"), moment("2026-12-27 08:00"), "ann"),)
    assert plan.policies == (
        Policy("equipment", (Step(("fitter",), 240 * MINUTE),), audiences=frozenset({Audience.TECHNICAL})),
        Policy(
            "block-at-day",
            (Step(("office",), 5 * MINUTE), Step(("nights", "neighbours"), 10 * MINUTE)),
            homes=("flat-*",),
            urgencies=frozenset({Urgency.URGENT}),
            hours=Hours(9 * 60, 17 * 60, frozenset(range(5))),
        ),
        Policy("care", (Step(("nights",), 10 * MINUTE), Step(("neighbours",), 15 * MINUTE))),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{STEP}to = ['dan']\nwait = 5", "policy.unknown: "),
        (f"{STEP}to = []\nwait = 5", "policy.empty: "),
        (f"{STEP}wait = 5", "policy.empty: "),
        ("[[policy]]\nid = 'p'", "policy.empty: "),
        (f"{STEP}to = ['ann']", "policy.wait: "),
        (f"{STEP}to = ['ann']\nwait = 0", "policy.wait: "),
        (f"{STEP}to = ['ann']\nwait = 'soon'", "policy.wait: "),
        (f"{STEP}to = ['ann']\nwait = true", "policy.wait: "),
        (f"{STEP}to = ['ann']\nwait = nan", "policy.wait: "),
        (f"{STEP}to = ['ann']\nwait = 100000", "policy.wait: "),
        ("[[team]]\nid = 't'\nmembers = ['dan']", "team.unknown: "),
        (ROTA, "rota.empty: "),
        (ROTA + SHIFT.replace("ann", "dan"), "rota.unknown: "),
        (f"{ROTA}{SHIFT}days = ['holiday']", "rota.holidays: "),
        (f"{ROTA}holidays = 'XX'\n{SHIFT}", "rota.holidays: "),
        (f"{ROTA}{SHIFT}[[rota.cover]]\nwho = 'dan'", "rota.unknown: "),
        (
            f"{ROTA}{SHIFT}[[rota.cover]]\nwho = 'ann'\nfrom = 2026-01-05T10:00:00\nuntil = 2026-01-05T10:00:00",
            "until is",
        ),
        (f"{ROTA}{SHIFT}first_week = 'now'", "first_week is"),
        (f"{ROTA.replace('Europe', 'Erewhon')}{SHIFT}", "timezone is"),
        (f"{ROTA.replace(chr(39) + 'r', chr(39) + 'ann')}{SHIFT}", "'ann' twice"),
        (f"{OLI}[[team]]\nid = 't'\nmembers = ['ann', 'oli']", "tenant.crossed: "),
        (f"{OLI}{ROTA}{SHIFT.replace('ann', 'oli')}", "tenant.crossed: "),
        (f"{OLI}{ROTA}{SHIFT}{OAK_STEP}to = ['r']\nwait = 5", "tenant.crossed: "),
        (f"{OLI}{STEP}to = ['oli']\nwait = 5", "tenant.crossed: "),
        (f"{OLI.replace('oakshire', 'Oak Shire')}", "tenant is 'Oak Shire'"),
        ("[[policy]]\nid = 'p'\nfrom = '09:00'\n", "to is missing"),
        ("[[policy]]\nid = 'p'\nurgency = ['notice']\n", "urgency is"),
    ],
)
def test_a_mistake_in_a_chain_is_one_line_with_a_name_of_its_own(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        settings_of(tmp_path, f"{PEOPLE}{text}")
    assert told in str(caught.value)
    if told.endswith(": "):
        (told_by_check,) = problems(tmp_path / "hub.toml")
        assert told_by_check == remark_of(caught.value)
        assert str(caught.value).startswith(told)


def test_a_fallback_is_a_contact_or_a_team_and_need_not_receive_anything_else(tmp_path: Path) -> None:
    silent = "[[contact]]\nid = 'office'\naddress = 'console://'\nreceives = []\nname = 'Dr Office'\n"
    plan = settings_of(tmp_path, f"fallback = 'office'\nacknowledged_for = 30\n{PEOPLE}{silent}").plan
    assert (plan.fallback, plan.acknowledged_for) == (("office",), 30 * MINUTE)
    assert plan.policies[0].steps == (Step(("ann", "bea", "cid")),)
    assert [plan.person(name) for name in ("dr office", "")] == [plan.contacts[-1], None]
    team = "[[team]]\nid = 'all'\nmembers = ['ann', 'bea']\n"
    assert settings_of(tmp_path, f"fallback = 'all'\n{PEOPLE}{team}").plan.fallback == ("ann", "bea")
    with pytest.raises(InputError, match=r"^fallback\.unknown: .*'dan' is not known"):
        settings_of(tmp_path, f"fallback = 'dan'\n{PEOPLE}")


def test_each_tenant_has_its_part_and_whoever_hears_of_what_nobody_took(tmp_path: Path) -> None:
    rota = ROTA.replace("'r'", "'o'") + "tenant = 'oakshire'\n" + SHIFT.replace("ann", "oli")
    text = f"fallback = ['ann', 'oli']\n{PEOPLE}{OLI}{rota}{OAK_STEP}to = ['o', 'oli']\nwait = 5\n"
    plan = settings_of(tmp_path, text).plan
    assert plan.tenants() == ["local", "oakshire"]
    oak, local = plan.part("oakshire"), plan.part("local")
    assert ([each.id for each in oak.contacts], list(oak.rotas), oak.fallback) == (["oli"], ["o"], ("oli",))
    assert [each.id for each in local.contacts] == ["ann", "bea", "cid"]
    assert (list(local.rotas), local.fallback) == ([], ("ann",))
    assert local.policies == policies_of(local.contacts), "a tenant without a policy has all told at once"
    assert plan.urgent_contacts() == {"ann", "bea", "cid", "oli"}


def test_tenants_with_nobody_to_tell_or_with_everybody_are_told(tmp_path: Path) -> None:
    def told(text: str, tenants: dict[str, str]) -> list[str]:
        plan = settings_of(tmp_path, text).plan
        return [each.id for each in (*tenants_checked(plan, tenants, tenants.values()), *tenants_noted(plan, tenants))]

    two = {"elm-14": "local", "oak-2": "oakshire"}
    assert told(PEOPLE, two) == ["tenant.shared"]
    assert told(PEOPLE, {"elm-14": "local"}) == []
    assert told(PEOPLE + OLI, two) == []
    assert told(PEOPLE + OLI, two | {"fir-3": "firton"}) == ["tenant.nobody"]
    assert told(OLI, {"oak-2": "oakshire"}) == ["tenant.hub"]
    assert told(PEOPLE + OLI, {"elm-14": "local"}) == ["tenant.homeless"]


def test_a_gap_of_a_rota_is_told_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "homes").mkdir()
    (tmp_path / "homes" / "a.toml").write_text('id = "a"\ntimezone = "Europe/London"\n')
    shift = SHIFT.replace("to = '00:00'", "to = '23:00'")
    text = f"{PEOPLE}{ROTA}{shift}{STEP}to = ['r']\nwait = 5"
    settings_of(tmp_path, text)
    fallback, line = [str(each) for each in problems(tmp_path / "hub.toml") if each.id.startswith("policy.")]
    assert fallback.startswith("policy.fallback: ")
    assert line.startswith("policy.gap: policy 'p' reaches nobody on ")
    assert line.endswith("; fill the gap of its rota, or add a person or team to a step")


@pytest.mark.parametrize(
    "lines",
    [
        "addresses = ['console://', 'json://127.0.0.1']",
        "[[contact.channel]]\naddress = 'console://'\n[[contact.channel]]\naddress_file = 'second'",
    ],
)
def test_a_contact_has_channels_in_order(tmp_path: Path, lines: str) -> None:
    (tmp_path / "second").write_text("json://127.0.0.1\n", encoding="utf-8")
    (ann,) = settings_of(tmp_path, f"manager = 'ann'\n[[contact]]\nid = 'ann'\n{lines}\n").plan.contacts
    assert [channel.label for channel in ann.channels] == ["1 (console)", "2 (json)"]
    assert [channel.address for channel in ann.channels] == ["console://", "json://127.0.0.1"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("addresses = []", "address is missing"),
        ("addresses = ['console://', 7]", "addresses is no list of texts"),
        ("addresses = ['console://', 'console://']", "an address stands twice"),
        ("addresses = ['console://', 'mailto:secret']", "address is not one"),
        ("addresses = ['console://']\naddress = 'console://'", "stand together"),
        ("[[contact.channel]]\naddress = 'console://'\ncolour = 1", "unknown key 'colour'"),
    ],
)
def test_channels_that_cannot_be_used_are_refused_without_their_addresses(
    tmp_path: Path, lines: str, told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        settings_of(tmp_path, f"[[contact]]\nid = 'ann'\n{lines}\n")
    assert "secret" not in str(caught.value)


def test_who_looks_after_the_hub_hears_of_channels_that_take_nothing(tmp_path: Path) -> None:
    def managers(first: str) -> list[str]:
        return [contact.id for contact in settings_of(tmp_path, first + PEOPLE).plan.managers()]

    assert managers("") == ["ann", "bea", "cid"]
    assert managers("fallback = 'cid'\n") == ["cid"]
    assert managers("fallback = 'cid'\nmanager = 'bea'\n") == ["bea"]


def test_quiet_hours_are_by_the_clock_of_the_person(tmp_path: Path) -> None:
    quiet = "quiet = { from = '22:00', until = '07:00', timezone = 'America/New_York' }\n"
    contact = settings_of(tmp_path, f"[[contact]]\nid = 'ann'\naddress = 'console://'\n{quiet}").plan.contacts[0]
    assert contact.quiet is not None
    assert contact.quiet.release(moment("2026-01-06 05:00")) == moment("2026-01-06 12:00")


@pytest.mark.parametrize(
    ("quiet", "said"),
    [
        ("{ from = '22:00', until = '22:00', timezone = 'UTC' }", "until"),
        ("{ from = '05:00', until = '22:00', timezone = 'UTC' }", "16 hours"),
        ("{ from = '22:00', until = '07:00' }", "timezone"),
        ("{ from = '22:00', until = '07:00', timezone = 'Here' }", "Europe/London"),
        ("{ from = '22:00', until = '07:00', timezone = 'UTC', days = 1 }", "days"),
    ],
)
def test_quiet_hours_that_cannot_be_are_refused(tmp_path: Path, quiet: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        settings_of(tmp_path, f"[[contact]]\nid = 'ann'\naddress = 'console://'\nquiet = {quiet}\n")


RESIDENT = "[[resident]]\nid = 'mrs-ash'\nhome = 'flat-12'\naddress = 'console://'\n"
ASKS = (
    "[[policy]]\nid = 'care'\n[[policy.step]]\nask = 'resident'\nwait = 10\n[[policy.step]]\nto = ['ann']\nwait = 15\n"
)


def test_a_step_asks_the_residents_of_the_home_and_of_no_other(tmp_path: Path) -> None:
    plan = settings_of(tmp_path, f"{PEOPLE}{RESIDENT}{ASKS}").plan
    assert [step.asks_resident for step in plan.policies[0].steps] == [True, False]
    assert [contact.id for contact in plan.residents("flat-12")] == ["mrs-ash"]
    assert plan.residents("flat-13") == ()
    with pytest.raises(InputError, match="'mrs-ash' is not known"):
        settings_of(tmp_path, f"{PEOPLE}{RESIDENT}{ASKS.replace('ann', 'mrs-ash')}")
    with pytest.raises(InputError, match=r"^policy\.ask: "):
        settings_of(tmp_path, PEOPLE + RESIDENT + ASKS.replace("ask = 'resident'", "ask = 'resident'\nto = ['ann']"))


def test_a_question_that_reaches_nobody_and_a_resident_whom_nobody_asks_are_told(tmp_path: Path) -> None:
    def told(text: str) -> list[str]:
        settings_of(tmp_path, f"fallback = 'ann'\n{PEOPLE}{text}")
        lines = [str(each).partition(";")[0] for each in problems(tmp_path / "hub.toml")]
        return [line for line in lines if line.startswith(("resident.", "policy."))]

    assert told(ASKS) == ["policy.ask: policy 'care' asks residents, and none of its homes has one"]
    assert told(RESIDENT) == ["resident.home: resident mrs-ash: there is no home 'flat-12'"]


def test_the_guides_example_of_a_question_is_read_as_it_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    text = next(block for block in blocks if "[[resident]]" in block)
    for name in ("office", "mrs-ash"):
        (tmp_path / f"{name}.address").write_text("console://")
    plan = settings_of(tmp_path, text).plan
    assert plan.policies[0].steps == (Step((), 10 * MINUTE, asks_resident=True), Step(("office",), 15 * MINUTE))
    assert (plan.contacts[0].quiet is not None, plan.contacts[1].home) == (True, "flat-12")
