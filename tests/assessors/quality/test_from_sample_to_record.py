"""From a marked answer to a record that an employer has seen: every page on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from course.access import Role
from course.audit import AuditEvent
from course.records.models import CompletionRecord, RecordHolder
from tests.support.house import HouseClient
from tests.support.marked import food_cohort, give_back, hand_in_food, judge
from tests.support.story import Story


def link(response: Any, pattern: str) -> str:
    """The first address in a page that matches."""
    found = re.search(rf'(?:href|action)="({pattern})"', response.get_data(as_text=True))
    assert found, f"no {pattern} in the page"
    return found.group(1)


def events(story: Story) -> list[str]:
    """What the trail says, in order."""
    with story.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


SignIn = Callable[[Any], HouseClient]


def test_the_whole_way_through_the_pages(story: Story, client_for: SignIn, client: HouseClient) -> None:
    cohort = food_cohort(story)
    learner, enrolment = story.learner("Ffion Davies", cohort=cohort)
    assessor, iqa = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes")
    admin = story.staff(Role.ADMIN, "Grace Bell")
    answers = hand_in_food(story, enrolment)
    for answer in answers:
        judge(story, answer, assessor, returned=False)

    # The sample.
    tom = client_for(iqa)
    home = tom.get("/quality")
    assert home.status_code == 200
    assert "No sampling plan has been drawn yet." in home.get_data(as_text=True)
    page = f"/quality/cohorts/{cohort.id}"
    assert "safety-critical" in tom.get(f"{page}/samples").get_data(as_text=True)
    chosen = [str(one.id) for one in answers]
    opened = tom.post(f"{page}/samples", data={"answers": chosen, "rationale": "All of hers."})
    assert opened.status_code == 303
    sample = tom.get(opened.location)
    for answer in answers:
        address = link(sample, f'/quality/samples/[^"]+/answers/{answer.id}')
        shown = tom.get(address)
        assert "This is my own work" in shown.get_data(as_text=True)
        for review in re.findall(r'action="(/quality/samples/[^"]+/review)"', shown.get_data(as_text=True)):
            assert tom.post(review, data={"finding": "agree"}).status_code == 303
    for answer in answers:
        give_back(story, answer, assessor)

    # The batch and its release.
    value = re.search(r'name="units" value="([^"]+)"', tom.get(f"{page}/batches").get_data(as_text=True))
    assert value
    made = tom.post(f"{page}/batches", data={"units": value.group(1)})
    assert made.status_code == 303
    assert "Release this batch" in tom.get(made.location).get_data(as_text=True)
    released = tom.post(f"{made.location}/release", data={"rationale": "I looked at all of it."})
    assert released.status_code == 303
    assert "I looked at all of it." in tom.get(made.location).get_data(as_text=True)

    # The record. The small qualification has one unit, so the whole qualification is complete too.
    grace = client_for(admin)
    ready = re.findall(r'name="ready" value="([^"]+)"', grace.get("/office/records").get_data(as_text=True))
    assert grace.post("/office/records", data={"ready": sorted(set(ready))}).status_code == 303
    issued = grace.get("/office/records").get_data(as_text=True)
    assert "Food hygiene at work" in issued
    assert "Food Hygiene at Work" in issued
    assert "Nothing to issue now" in issued

    # The employer asks, the holder says yes, the employer sees.
    with story.reading() as session:
        code = session.scalars(select(RecordHolder.code)).first()
    asked = client.post("/check", data={"code": code})
    assert asked.status_code == 303
    assert "Come back to this address within two days." in client.get(asked.location).get_data(as_text=True)
    ffion = client_for(learner)
    mine = ffion.get("/records")
    assert ffion.post(link(mine, '/records/requests/[^"]+/approval')).status_code == 303
    seen = client.get(asked.location).get_data(as_text=True)
    assert "This record is genuine" in seen
    assert "Ffion Davies" in seen
    assert "Harbour" not in seen
    with story.reading() as session:
        record = session.scalars(select(CompletionRecord).limit(1)).one()
    assert "Well done" in ffion.get(f"/records/{record.id}").get_data(as_text=True)
    assert ffion.get(f"/records/{record.id}.pdf").data.startswith(b"%PDF")
    assert grace.get(f"/office/records/{record.id}").status_code == 200

    happened = events(story)
    assert {"sample.opened", "decision.reviewed", "batch.made", "batch.released"} <= set(happened)
    assert {"record.issued", "verification.approved"} <= set(happened)
