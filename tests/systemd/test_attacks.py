"""Attacks from inside the units' real sandboxes: they fail, and succeed without what forbids them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.booted_system import Booted
from systemd.attacks import ATTACKS, CONNECT, ELSEWHERE
from systemd.probe import FORBIDDEN, SUCCEEDED
from systemd.sandbox import Attack
from systemd.staging import Stage


@pytest.fixture(scope="module")
def stage(there: Booted) -> Iterator[Stage]:
    stage = Stage(there)
    stage.set_up()
    for attack in ATTACKS:
        for sandbox in (attack.whole(), attack.naked(), *map(attack.alone, attack.layers)):
            stage.add(sandbox, attack.words)
    stage.add(CONNECT.whole(), CONNECT.words)
    stage.add(f"{CONNECT.whole()}\n{ELSEWHERE}", CONNECT.words)
    stage.run()
    yield stage
    stage.clear()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_fails_in_the_sandbox_and_succeeds_without_what_forbids_it(
    stage: Stage, attack: Attack
) -> None:
    without, within = (stage.outcome(one, attack.words) for one in (attack.naked(), attack.whole()))
    assert without[0] == SUCCEEDED, without
    assert within[0] == FORBIDDEN, within


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if len(attack.layers) > 1], ids=lambda attack: attack.name
)
def test_where_several_things_forbid_it_each_is_enough(stage: Stage, attack: Attack) -> None:
    for layer in attack.layers:
        outcome = stage.outcome(attack.alone(layer), attack.words)
        assert outcome[0] == FORBIDDEN, (sorted(layer), outcome)


def test_the_uploader_reaches_what_it_is_allowed_to_and_nothing_else(stage: Stage) -> None:
    assert stage.outcome(CONNECT.whole(), CONNECT.words)[0] == SUCCEEDED
    code, said = stage.outcome(f"{CONNECT.whole()}\n{ELSEWHERE}", CONNECT.words)
    if code == SUCCEEDED:
        pytest.skip("IPAddressAllow WAS NOT TRIED: in a container, this machine does not enforce it")
    assert code == FORBIDDEN, said
