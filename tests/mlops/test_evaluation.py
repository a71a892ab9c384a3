"""Figures are made from stored predictions, and move with them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.labelled import held_out, labelled, parts, shelf
from tools.database import Database
from tools.errors import NotEnoughDataError
from tools.mlops.checks import check_weeks
from tools.mlops.evaluation import compare, evaluate
from tools.mlops.gate import judge
from tools.mlops.splits import forward_folds
from tools.mlops.weeks import fingerprint


def test_every_figure_of_a_card_comes_out_again_from_the_stored_predictions(
    database: Database, tmp_path: Path
) -> None:
    registry = shelf(database, tmp_path)
    card = registry.version(1).card
    assert evaluate(registry.predictions(1, card.judged_on)) == card.evaluation
    assert evaluate(registry.predictions(0, card.judged_on)) == card.rules


def test_other_predictions_give_other_figures() -> None:
    said = parts().said
    worse = [replace(one, said="healthy") if place % 3 == 0 else one for place, one in enumerate(said)]
    before, after = evaluate(said), evaluate(worse)
    assert after.macro_f1.value < before.macro_f1.value
    assert after.accuracy.value < before.accuracy.value
    assert after.classes != before.classes


def test_the_same_predictions_are_no_better_than_themselves() -> None:
    same = compare(parts().said, parts().said)
    assert (same.difference.low, same.difference.value, same.difference.high) == (0, 0, 0)
    assert not same.is_better


def test_versions_judged_on_different_weeks_are_not_compared() -> None:
    with pytest.raises(NotEnoughDataError, match="different weeks"):
        compare(parts().said, parts().said[1:])


def test_no_site_is_on_both_sides_of_a_fold_and_nothing_is_learned_from_later_weeks() -> None:
    weeks = labelled(5, 40)
    for fold in forward_folds(weeks, 4, seed=1):
        learn, judged = [weeks[place] for place in fold.learn], [weeks[place] for place in fold.judge]
        assert {week.site_id for week in learn}.isdisjoint(week.site_id for week in judged)
        assert max(week.end for week in learn) < min(week.end for week in judged)


def test_another_figure_makes_another_fingerprint() -> None:
    weeks = labelled(5, 8)
    changed = [replace(weeks[0], features=(9.0, *weeks[0].features[1:])), *weeks[1:]]
    assert fingerprint(changed) != fingerprint(weeks)


def test_a_site_that_is_learned_and_held_out_fails_the_checks() -> None:
    learned = labelled(1, 96)
    report = check_weeks(learned, labelled(2, 64))
    assert [check.name for check in report.checks if not check.passed] == ["duplicates", "leakage by site"]


def test_an_impossible_figure_fails_the_checks_by_name() -> None:
    learned = labelled(1, 96)
    wrong = [replace(learned[0], features=(900.0, *learned[0].features[1:])), *learned[1:]]
    failed = [check for check in check_weeks(wrong, held_out()).checks if not check.passed]
    assert [check.name for check in failed] == ["ranges"]
    assert "set_point_high_v" in failed[0].means


def test_a_version_no_better_than_the_rules_does_not_pass_the_gate() -> None:
    found = evaluate(parts().said)
    verdict = judge(check_weeks(labelled(1, 96), held_out()), found, found, (), None)
    assert "better than the rules" in {check.name for check in verdict.failures}
    assert not verdict.passed
