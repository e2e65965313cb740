"""Files of settings in which each table has what it cannot be without, and nothing else."""

from __future__ import annotations

HUB = """
[[contact]]
id = "ann"
address = "console://"
[contact.quiet]
from = "22:00"
until = "07:00"
timezone = "Europe/London"
[[contact]]
id = "bea"
[[contact.channel]]
address = "console://bea"
[[resident]]
id = "mrs-ash"
home = "flat-12"
address = "console://ash"
[[team]]
id = "all"
members = ["ann"]
[[rota]]
id = "nights"
timezone = "Europe/London"
[[rota.shift]]
who = ["ann", "bea"]
from = "20:00"
to = "08:00"
[[rota.cover]]
who = "bea"
from = 2026-12-24T18:00:00
until = 2026-12-27T08:00:00
[[policy]]
id = "care"
[[policy.step]]
to = ["nights"]
wait = 10
[mqtt]
host = "127.0.0.1"
[oidc]
issuer = "https://login.example.org"
client_id = "hub"
[[oidc.allow]]
claim = "groups"
value = "duty"
role = "duty_officer"
[history]
influxdb = "http://127.0.0.1:8086"
[keep.tenants.oakshire]
[chronology.tenants]
oakshire = 2922
[clock]
start = "2026-01-05T00:00:00Z"
"""
HUB_OPTIONAL = {("mqtt", "host"), ("history", "influxdb"), ("chronology.tenants", "TENANT")}
"""What stands there only so that the rest of the table is asked for."""

HOME = """
id = "flat-12"
timezone = "Europe/London"
[[device]]
id = "door"
room = "hall"
metrics = ["contact"]
[[absence]]
start = "2026-01-05T00:00:00Z"
end = "2026-01-06T00:00:00Z"
[[visit]]
name = "carer"
at = "08:30"
"""

GATEWAY = """
home = "flat-12"
[hub]
host = "hub.example.org"
[[source]]
kind = "zigbee2mqtt"
[way_out]
kind = "http"
url = "https://notify.example.org/notify"
"""
GATEWAY_BY_TEXT = """
home = "flat-12"
[hub]
host = "127.0.0.1"
[way_out]
kind = "gammu"
number = "+447700900123"
[clock]
start = "2026-01-05T00:00:00Z"
"""
