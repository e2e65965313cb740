"""Certificates of erasures as the API's description tells of them. They are handed out as they were written."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

WHOLE = "all that this hub kept of a home and of who lives there"
HASH = "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26"


class CertificateOut(BaseModel):
    """`sha256` is over all the others, see deploy/privacy.md."""

    model_config = ConfigDict(extra="allow")
    certificate: Annotated[str, Field(examples=["1b9e7f03c5a2d864"])]
    what: Annotated[str | list[str], Field(examples=[WHOLE])]
    home_hash: Annotated[str, Field(examples=[HASH])]
    why: Annotated[str, Field(examples=["she moved away"])]
    asked_at: Annotated[str, Field(examples=["2026-12-01T09:00:00Z"])]
    asked_by: Annotated[str, Field(examples=["Ann Lee"])]
    begun_at: Annotated[str, Field(examples=["2026-12-01T09:00:02Z"])]
    done_at: Annotated[str, Field(examples=["2026-12-01T09:01:40Z"])]
    rows_erased: Annotated[dict[str, int], Field(examples=[{"reading": 214310}])]
    rows_pseudonymised: Annotated[dict[str, int], Field(examples=[{"alert": 17}])]
    erased: Annotated[dict[str, str], Field(examples=[{"reading": "readings of its sensors"}])]
    stays: Annotated[dict[str, str], Field(examples=[{"chronology": "who saw and did what"}])]
    backups_until: Annotated[str, Field(examples=["2027-01-05T09:01:40Z"])]
    backups: Annotated[str, Field(examples=["Backups made before hold it until then."])]
    sha256: Annotated[str, Field(examples=[HASH[::-1]])]


class ErasingOut(BaseModel):
    state: Annotated[str, Field(examples=["it is being erased"])]
    certificates: Annotated[str, Field(examples=["/api/v1/erasures"])]
    """Where the certificate will be."""
