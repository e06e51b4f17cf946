"""A policy is read strictly, and asks for nothing that the qualification cannot give."""

import pytest

from assessors.guidance.compile import compile_assessors
from course.catalogue.compiled import dumps
from course.enrolment.policy import Attempts, CompiledPolicy, CountThreshold, PointsThreshold, Sampling, SecondMarking
from tests.support.qualifications import Content

POLICY = "assessors/policies/food-hygiene.yaml"
RUBRIC = "assessors/rubrics/food-hygiene/01-food-hygiene-at-work.md"
N_OF_M = "{n-of-m: 3, must-meet: [2.2]}"


def policy_of(content: Content) -> CompiledPolicy:
    source, problems = content.read_assessors()
    assert problems == []
    return compile_assessors(source).policy


def test_a_policy_keeps_what_was_written(content: Content) -> None:
    policy = policy_of(content)
    assert policy.threshold_for("U1") == CountThreshold(n=3, must_meet=("2.2",))
    assert policy.threshold_for("U2") is None
    assert policy.attempts == Attempts(limit=2, window=5, authorised_by="iqa")
    assert policy.return_ == "after-sampling"
    assert policy.selection[0].required
    assert policy.sampling == Sampling(percent=50, always=("safety-critical", "departures", "prior-learning"))
    assert CompiledPolicy.model_validate_json(dumps(policy)) == policy


def test_without_a_policy_every_criterion_is_needed_and_nothing_else(content: Content) -> None:
    content.file(POLICY).unlink()
    assert policy_of(content) == CompiledPolicy(qualification="food-hygiene")


def test_off_means_no_threshold_and_no_selection(content: Content) -> None:
    content.file(POLICY).write_text("threshold: off\nselection: off\nattempts: {limit: none}\n")
    policy = policy_of(content)
    assert (policy.threshold, policy.selection, policy.attempts.limit) == ({}, (), None)


def test_second_marking_is_a_share_and_says_whether_names_are_hidden(content: Content) -> None:
    assert policy_of(content).second_marking == SecondMarking(percent=0, names="hidden")
    content.file(POLICY).write_text("second-marking: {percent: 10, names: shown}\n")
    assert policy_of(content).second_marking == SecondMarking(percent=10, names="shown")
    for wrong in ("{percent: 101}", "{names: maybe}", "{share: 3}"):
        content.file(POLICY).write_text(f"second-marking: {wrong}\n")
        assert content.read_assessors()[1]


def test_points_come_from_should_and_could_items(content: Content) -> None:
    content.change(POLICY, N_OF_M, "{points: 2, show-points: yes}")
    content.change(RUBRIC, "what was found.", "what was found. {2}")
    assert policy_of(content).threshold_for("U1") == PointsThreshold(points=2, shown=True)


def test_questions_in_place_of_one_another_give_their_points_once(content: Content) -> None:
    content.change(POLICY, N_OF_M, "{points: 4}")
    content.change(RUBRIC, "what was found.", "what was found. {2}")
    content.change(RUBRIC, "at work afterwards.", "at work afterwards. {2}")
    [problem] = content.read_assessors()[1]
    assert "holds 2 in all" in problem.sentence


def test_a_must_carries_no_points(content: Content) -> None:
    content.change(POLICY, N_OF_M, "{points: 1}")
    content.change(RUBRIC, "- 2.2: Never guesses.", "- 2.2: Never guesses. {1}")
    assert any("only Should and Could" in problem.sentence for problem in content.read_assessors()[1])


def test_n_of_m_is_refused_where_credit_is_given(content: Content) -> None:
    content.change("modules/food-hygiene/qualification.yaml", "credit: none", "credit: 1")
    [problem] = content.read_assessors()[1]
    assert problem.line == content.line_of(POLICY, "n-of-m")
    assert "only where the qualification gives no credit" in problem.sentence


MISTAKES = {
    "unknown key": ("attempts:", "atempts:", "Did you mean “attempts”?"),
    "unknown unit": ("  U1:", "  U7:", "no such unit"),
    "two sorts": ("{n-of-m: 3,", "{points: 1, n-of-m: 3,", "either “points” or “n-of-m”"),
    "more criteria than there are": ("n-of-m: 3", "n-of-m: 9", "U1 has 4"),
    "unknown criterion": ("[2.2]", "[2.2, 2.9]", "U1 has none"),
    "safety-critical left out": ("must-meet: [2.2]", "must-meet: [1.1]", "Add 2.2 to “must-meet”"),
    "bad limit": ("limit: 2", "limit: many", "whole number"),
    "limit of none at all": ("limit: 2", "limit: 0", "at least 1"),
    "bad return": ("return: after-sampling", "return: never", "must be one of"),
    "bad percentage": ("percent: 50", "percent: 500", "at most 100"),
    "bad division": ("percent: 50", "percent: 50\n  interim: 60\n  final: 50", "make 100 together"),
    "a closer look that is none": ("percent: 50", "percent: 50\n  raised: 40", "at least “percent”, 50"),
    "new for no time": ("percent: 50", "percent: 50\n  new-for: 0", "at least 1"),
    "the same thing twice": ("[safety-critical, departures, prior-learning]", "[departures, departures]", "once"),
    "bad sample": ("always: [safety-critical", "always: [everything", "must be one of"),
    "time that refuses": ("type: document-seen", "type: elapsed-time\n    days: 30", "never to refuse"),
    "days of a document": ("stage: placement", "stage: placement\n    days: 3", "for nothing else"),
}
AT = {
    "bad division": "sampling:",
    "a closer look that is none": "sampling:",
    "new for no time": "new-for",
    "the same thing twice": "sampling:",
    "safety-critical left out": "must-meet",
    "time that refuses": "required",
    "days of a document": "- key",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(content: Content, mistake: str) -> None:
    old, new, sentence = MISTAKES[mistake]
    content.change(POLICY, old, new)
    line = content.line_of(POLICY, AT.get(mistake, new.split("\n")[0]))
    found = content.read_assessors()[1]
    assert any(problem.line == line and sentence in problem.sentence for problem in found), (line, *map(str, found))


def test_sampling_has_sound_defaults_and_keeps_what_was_written(content: Content) -> None:
    sampling = policy_of(content).sampling
    assert (sampling.interim, sampling.final, sampling.new_assessor, sampling.new_for) == (50, 50, 100, 90)
    assert sampling.raised_percent == 100  # twice the usual 50
    content.change(POLICY, "percent: 50", "percent: 10\n  interim: 60\n  final: 40\n  new-for: 30\n  raised: 25")
    content.change(POLICY, "[safety-critical, departures, prior-learning]", "[borderline]")
    expected = Sampling(percent=10, interim=60, final=40, new_for=30, raised=25, always=("borderline",))
    assert policy_of(content).sampling == expected


WORDING = {
    "declaration": ("type: declaration", "Add “ask”"),
    "experience": ("type: experience", "Add “guidance”"),
    "interview": ("type: interview", "Add “guidance”"),
    "reference": ("type: reference", "Add “guidance”"),
    "document of something else": ("type: declaration\n    ask: Yes\n    document: dbs", "for nothing else"),
    "dbs too early": ("type: document-seen\n    document: dbs", "asked for late"),
    "substances": ("type: elapsed-time\n    days: 30\n    ask: How long without drugs?", "prescribed medicine"),
    "no length": ("type: elapsed-time\n    days: 0", "at least 1"),
    "unknown kind": ("type: hair-test", "must be one of"),
}


@pytest.mark.parametrize("mistake", WORDING)
def test_a_criterion_says_what_is_asked_what_it_is_held_against_and_that_medicine_never_counts(
    content: Content, mistake: str
) -> None:
    kind, sentence = WORDING[mistake]
    content.file(POLICY).write_text(f"selection:\n  - key: one\n    text: One thing\n    {kind}\n")
    assert any(sentence in problem.sentence for problem in content.read_assessors()[1])


def test_a_criterion_that_says_so_is_taken(content: Content) -> None:
    content.file(POLICY).write_text(
        "selection:\n  - key: steady\n    text: Steady for a while\n    type: elapsed-time\n    days: 30\n"
        "    ask: From which day without illicit drugs? Medicine that was prescribed to you never counts.\n"
    )
    [criterion] = policy_of(content).selection
    assert (criterion.days, criterion.is_scored, criterion.required) == (30, False, False)
