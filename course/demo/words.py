"""Made-up names and sentences for scale data: plausible in length, about nobody."""

from __future__ import annotations

import random

from course.workbook.models import Outcome

FIRST_NAMES = (
    "Amina", "Ben", "Callum", "Dawn", "Eleri", "Farah", "Gareth", "Hana", "Idris", "Jade", "Kofi", "Leah", "Mal",
    "Nadia", "Owen", "Precious", "Ravi", "Siân", "Tomasz", "Yusuf",
)  # fmt: skip
LAST_NAMES = (
    "Ahmed", "Bright", "Carter", "Davies", "Evans", "Foster", "Green", "Hughes", "Iqbal", "Jones", "Kaur", "Lewis",
    "Mensah", "Nowak", "Osei", "Price", "Roberts", "Singh", "Taylor", "Walsh",
)  # fmt: skip
SENTENCES = (
    "I would listen first and let them say it in their own time.",
    "I would tell them that I am glad they came.",
    "I would not promise to keep a secret that could hurt somebody.",
    "I would ask what they want to happen next.",
    "My supervisor can help me to think about it.",
    "I would say what I can do and what I cannot do.",
    "It matters that the goal belongs to them and not to me.",
    "I would write down the facts the same day, without my opinion.",
    "One bad day does not wipe out what they have learned.",
    "I would plan with them what helps on a hard day.",
    "If there is danger now I would ring 999 and stay with them.",
    "I would look after myself as well, and talk it over afterwards.",
)
ACHIEVED = (
    "You say clearly what you would do, and why. Your example shows it well.",
    "You name the limit and you are kind about it. That is just what is asked for.",
    "You tell the right person the same day. Well explained.",
)
NOT_YET = (
    "You listen well here. Add whom you would tell, and when.",
    "A good start. Say in your own words why it matters for the person you help.",
    "You name the risk. Add one thing that you would do about it.",
)


def text_about(rng: random.Random, words: int) -> str:
    """Some sentences, together about as many words."""
    said: list[str] = []
    count = 0
    while count < words - 8:
        said.append(rng.choice(SENTENCES))
        count += said[-1].count(" ") + 1
    return " ".join(said) or "I would listen."


def feedback_on(rng: random.Random, outcome: Outcome) -> str:
    """What an assessor might write."""
    return rng.choice(ACHIEVED if outcome is Outcome.ACHIEVED else NOT_YET)
