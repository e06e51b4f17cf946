from tests.journeys.test_choosing_learners import *
from tests.journeys.test_choosing_learners import hall  # noqa
from tests.support.applicants import *
from tests.support.applicants import WORDS
OUT="/tmp/data-selection/pics/"
import os
os.makedirs(OUT,exist_ok=True)
def shot(page,name):
    for w in (360,1280):
        page.set_viewport_size({"width":w,"height":800}); page.screenshot(path=f"{OUT}{name}-{w}.png",full_page=True)
def test_pics(hall, sit_down, story, client_for):
    ch=hall.choosing
    client_for(ch.first).post(f"/selection/cohorts/{ch.cohort.id}/intake")
    from assessors.selection.models import Application
    with story.reading() as s:
        apps={story_name(s,a):a for a in s.scalars(select(Application))}
    for i in range(1,8):
        for p in (ch.first,ch.second): ch.score(apps[f"Ann Number{i}"],p,{**dict.fromkeys(("why-mentor","conversation"),3 if i<5 else 1),"keyworker-view":2 if p is ch.first else (0 if i%2 else 2)})
    ch.score(apps["Ann Number8"],ch.second,2)
    ch.decide(apps["Ann Number1"]); ch.decide(apps["Ann Number2"],Outcome.DECLINE,reason="Places are few this time. You wrote honestly and well; come and talk to us about the spring course.")
    v=sit_down(hall.origin,width=360)
    v.goto(f"/apply/{ch.cohort.id}"); shot(v,"apply")
    bo=hall.sign_in(sit_down(hall.origin,width=360),"Bo Dean")
    shot(bo,"mine")
    bo.get_by_role("link", name=re.compile("Peer Mentoring")).click(); shot(bo,"form")
    bo.get_by_label(re.compile("Why would you like")).fill("Because somebody once sat with me and listened.")
    bo.get_by_role("button", name="Save and look over").click(); shot(bo,"sending")
    a=hall.sign_in(sit_down(hall.origin,width=360),"Ann Number1")
    a.get_by_role("link", name=re.compile("Peer Mentoring")).click(); shot(a,"offer")
    a.get_by_role("link", name=re.compile("Questions about you")).click(); shot(a,"aboutyou")
    fay=hall.sign_in(sit_down(hall.origin,width=1280),"Fay Hope")
    fay.goto("/selection"); shot(fay,"home")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}"); shot(fay,"list")
    fay.goto(f"/selection/applications/{apps['Ann Number8'].id}"); shot(fay,"score")
    fay.goto(f"/selection/applications/{apps['Ann Number3'].id}"); shot(fay,"agree")
    fay.goto(f"/selection/applications/{apps['Ann Number3'].id}/conflict"); shot(fay,"conflict")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}/checks"); shot(fay,"checks")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}/people/{apps['Ann Number3'].person_id}/checks"); shot(fay,"person")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}/criteria"); shot(fay,"criteria")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}/intake"); shot(fay,"intake")
    fay.goto(f"/selection/cohorts/{ch.cohort.id}/criteria"); fay.get_by_role("link",name="What these flagged among past applicants").click(); shot(fay,"preview")
def story_name(s,a):
    return s.get(Person,a.person_id).name
