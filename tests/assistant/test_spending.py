"""The tokens of a day are those of one person's turns since midnight, on both databases."""

from datetime import timedelta

import pytest

from assistant.llmops.spending import Spending
from assistant.llmops.turns import TurnLedger, TurnRow
from tests.support.builders import NOW
from tools.database import Database


def turn(number: int, **changes: object) -> TurnRow:
    usage = {"input_tokens": 100, "output_tokens": 10}
    plain: dict[str, object] = {
        "turn_id": f"turn_{number}", "conversation_id": "c", "who": "ann", "asked_utc": NOW, "time_zone": "UTC",
        "question": "?", "status": "answered", "brain": "model-a", "details": {"usage": usage},
    }  # fmt: skip
    return TurnRow.model_validate(plain | changes)


@pytest.mark.parametrize(("who", "tokens"), [("ann", 220), ("ben", 110), ("eve", 0)])
def test_only_ones_own_turns_of_today_count(either_database: Database, who: str, tokens: int) -> None:
    ledger = TurnLedger(either_database)
    for one in (
        turn(1),
        turn(2),
        turn(3, asked_utc=NOW - timedelta(days=1)),
        turn(4, who="ben"),
        turn(5, details={}),
        turn(6, details={"usage": {}}),
    ):
        ledger.begin(one)
    assert Spending(either_database).tokens_today(who, NOW) == tokens
