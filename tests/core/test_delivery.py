"""Every answer gets one verdict, and nothing but a receipt is a receipt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.delivery import LONGEST_WISH_S, Answer, Verdict, gone, judge, wait_s


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (201, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (409, Verdict.DELIVERED),
        (301, Verdict.LATER),
        (302, Verdict.LATER),
        (304, Verdict.LATER),
        (308, Verdict.LATER),
        (400, Verdict.REFUSED),
        (401, Verdict.NOT_ALLOWED),
        (403, Verdict.NOT_ALLOWED),
        (402, Verdict.NOT_ALLOWED),
        (404, Verdict.NOT_ALLOWED),
        (405, Verdict.NOT_ALLOWED),
        (407, Verdict.NOT_ALLOWED),
        (410, Verdict.NOT_ALLOWED),
        (421, Verdict.NOT_ALLOWED),
        (426, Verdict.NOT_ALLOWED),
        (406, Verdict.REFUSED),
        (418, Verdict.REFUSED),
        (408, Verdict.LATER),
        (411, Verdict.REFUSED),
        (413, Verdict.REFUSED),
        (415, Verdict.REFUSED),
        (422, Verdict.REFUSED),
        (425, Verdict.LATER),
        (429, Verdict.LATER),
        (500, Verdict.LATER),
        (503, Verdict.LATER),
        (599, Verdict.LATER),
        (199, Verdict.LATER),
        (999, Verdict.LATER),
    ],
)
def test_a_status_means_what_the_contract_says(status: int, verdict: Verdict) -> None:
    assert judge(Answer(status)).verdict is verdict


@given(st.integers(0, 999), st.booleans(), st.none() | st.floats(0, 1e9))
def test_every_answer_gets_a_verdict_with_a_cause(
    status: int, is_web_page: bool, retry_after_s: float | None
) -> None:
    judgement = judge(Answer(status, is_web_page, retry_after_s))
    assert judgement.cause
    assert str(status) in judgement.cause
    assert judgement.cause == judgement.cause.strip(" .\n")
    delivered = judgement.verdict is Verdict.DELIVERED
    assert delivered == (status == 409 or (200 <= status < 300 and not is_web_page))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_web_page_is_not_a_receipt(status: int) -> None:
    judgement = judge(Answer(status, is_web_page=True))
    assert judgement.verdict is Verdict.LATER
    assert "web page" in judgement.cause


@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_to_be_asked_later_is_passed_on(status: int) -> None:
    assert judge(Answer(status, retry_after_s=17.0)).after_s == 17.0


@pytest.mark.parametrize(
    ("wish_s", "backoff_s", "expected_s"),
    [(None, 4.0, 4.0), (10.0, 4.0, 10.0), (1.0, 4.0, 4.0), (-5.0, 0.5, 0.5), (1e9, 4.0, LONGEST_WISH_S)],
)
def test_the_longer_of_wish_and_backoff_is_waited_up_to_a_limit(
    wish_s: float | None, backoff_s: float, expected_s: float
) -> None:
    assert wait_s(wish_s, backoff_s) == expected_s


@pytest.mark.parametrize("status", [404, 405, 409])
def test_where_the_address_names_the_place_a_missing_place_is_never_a_receipt(status: int) -> None:
    judgement = judge(Answer(status), "sinks.cloud", names_the_place=True)
    assert judgement.verdict is Verdict.NOT_ALLOWED
    assert "sinks.cloud.url" in judgement.cause


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 407, 410, 421, 426])
def test_what_a_mistake_in_the_configuration_brings_about_names_the_setting(status: int) -> None:
    cause = judge(Answer(status), "sinks.attic").cause
    assert "check sinks.attic." in cause


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (404, Verdict.DELIVERED),
        (410, Verdict.DELIVERED),
        (409, Verdict.LATER),
        (405, Verdict.REFUSED),
        (501, Verdict.LATER),
        (403, Verdict.NOT_ALLOWED),
        (500, Verdict.LATER),
    ],
)
def test_what_was_to_be_deleted_is_gone_when_the_other_side_says_so(status: int, verdict: Verdict) -> None:
    assert gone(Answer(status)).verdict is verdict


def test_a_web_page_deletes_nothing() -> None:
    assert gone(Answer(200, is_web_page=True)).verdict is Verdict.LATER
