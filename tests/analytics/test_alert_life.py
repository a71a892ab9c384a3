"""The life of an alert is the same however it is computed: compared, on random signals, with a plain row-by-row telling."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tools.analytics.alert_life import AlertLife, follow
from tools.analytics.alert_rules import SEVERITIES, AlertRule, AlertSeverity
from tools.analytics.alert_signals import hottest_post_c

START = datetime(2026, 3, 1, tzinfo=UTC)
Stands = dict[AlertSeverity, datetime]


def told_row_by_row(
    rule: AlertRule, signal: list[tuple[datetime, float]], since: datetime, life: AlertLife | None
) -> list[AlertLife]:
    """What the alarm table says, read aloud: a state is carried from one row to the next, nothing is looked ahead."""
    over: list[AlertLife] = []
    stands: Stands = {}
    for moment, value in signal:
        stands = {
            name: stands.get(name, moment) for name in SEVERITIES if name in rule.steps and value > rule.steps[name]
        }
        ripe = [name for name in stands if moment - stands[name] >= rule.delay]
        may_clear = life is not None and (life.is_acknowledged or not rule.is_manual)
        if moment < since:
            continue
        if life is None and ripe:
            life = AlertLife(rule.name, ripe[-1], stands[ripe[0]], moment, value)
        elif life is not None and may_clear and value <= min(rule.steps.values()) - rule.hysteresis:
            over.append(changed(life, cleared=moment))
            life = None
        elif life is not None:
            severity = SEVERITIES[max(SEVERITIES.index(name) for name in (life.severity, *ripe))]
            life = changed(life, severity=severity, value=max(life.value, value))
    return [*over, life] if life else over


def changed(
    life: AlertLife,
    severity: AlertSeverity | None = None,
    value: float | None = None,
    cleared: datetime | None = None,
) -> AlertLife:
    return AlertLife(
        life.name, severity or life.severity, life.began, life.raised, life.value if value is None else value,
        cleared, life.is_acknowledged,
    )  # fmt: skip


rules = st.builds(
    AlertRule,
    name=st.just("T_HIGH"),
    means=st.just("a post is hot"),
    signal=st.just(hottest_post_c),
    steps=st.dictionaries(st.sampled_from(SEVERITIES), st.integers(1, 6).map(float), min_size=1).map(
        lambda steps: {name: steps[name] for name in SEVERITIES if name in steps}
    ),
    delay=st.integers(0, 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
    unit=st.just("°C"),
    hysteresis=st.sampled_from([0.0, 1.0, 2.5]),
    is_manual=st.booleans(),
)
signals = st.lists(st.tuples(st.integers(1, 3), st.one_of(st.none(), st.integers(0, 8).map(float))), max_size=60)
standing = st.one_of(
    st.none(),
    st.builds(
        AlertLife,
        name=st.just("T_HIGH"),
        severity=st.sampled_from(SEVERITIES),
        began=st.just(START - timedelta(days=1)),
        raised=st.just(START - timedelta(days=1)),
        value=st.integers(0, 8).map(float),
        is_acknowledged=st.booleans(),
    ),
)


@given(rules, signals, st.integers(0, 60), standing)
def test_jumping_from_row_to_row_tells_the_same_lives_as_reading_every_row(
    rule: AlertRule,
    steps: list[tuple[int, float | None]],
    since_quarter: int,
    life: AlertLife | None,
) -> None:
    quarters = np.cumsum([gap for gap, _ in steps])
    times = [START + timedelta(minutes=15 * int(quarter)) for quarter in quarters]
    values = [np.nan if value is None else value for _, value in steps]
    since = START + timedelta(minutes=15 * since_quarter)
    series = pd.Series(values, index=pd.DatetimeIndex(times, tz="UTC"), dtype=float)
    known = [(at, value) for at, value in zip(times, values, strict=True) if not np.isnan(value)]
    assert follow(rule, series, since, life) == told_row_by_row(rule, known, since, life)
