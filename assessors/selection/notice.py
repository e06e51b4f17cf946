"""The privacy notice of an application. Other words are a new version: each application names the one shown."""

from __future__ import annotations

VERSION = "2026-11"
LINES = (
    "Those at the centre who choose learners read your application. Two of them write down what they think, each "
    "alone, and then agree. Nobody else at the centre reads it. Other learners never do.",
    "A computer never decides. It only points out what is missing. A person decides, and writes you the reason.",
    "We ask nothing about convictions, and nothing about your health beyond what the questions say. Medicine that was "
    "prescribed to you never counts against you. Please do not write more than you want them to know.",
    "Your words are locked with a key of their own. The key is destroyed 30 days after the outcome. What stays is the "
    "outcome, its date, the reason we wrote to you, and scores without words.",
    "Each time somebody opens your words, it is written down. You see who and when on the page of your application.",
    "You may stop at any time, without giving a reason. Ask the centre for a copy, or to put something right.",
)
