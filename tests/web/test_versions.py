"""The version that a change is made to, as `If-Match` names it."""

from __future__ import annotations

import pytest
from fastapi import HTTPException

from sensor_hub.web.versions import etag, matched


@pytest.mark.parametrize("shown", [None, ("anything", 1)])
def test_a_proxy_that_compresses_changes_no_version(shown: object) -> None:
    tag = etag(7, shown)
    for sent in (tag, f"W/{tag}", f'{tag[:-1]}-gzip"', f'W/{tag[:-1]}-br"', f'{tag[:-1]};gzip"'):
        assert matched(sent) == 7, sent


@pytest.mark.parametrize("wrong", ["7", "*", '"7-other"', '"7" "8"', '"7", "8"', 'w/"7"', '""'])
def test_what_is_no_version_matches_nothing(wrong: str) -> None:
    with pytest.raises(HTTPException) as refused:
        matched(wrong)
    assert refused.value.status_code == 412
