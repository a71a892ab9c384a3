"""The evidence lock: every claim of an answer is bound to this turn's tool results, or its sentence is withheld."""

from assistant.agent.evidence.check import WITHHELD, Verdict, check_answer

__all__ = ["WITHHELD", "Verdict", "check_answer"]
