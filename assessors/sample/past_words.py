"""What the sample's first cohort wrote, what was said to it, and what applicants write: made-up people and words."""

GOALS, ROUTINE, TRIGGERS = "why-goals-are-theirs", "why-routine-helps", "meis-friday-nights"
PRIVATE, ROOMS = "why-confidentiality-matters", "three-rooms"

WORDS = {
    "Dele": {
        GOALS: (
            "You only stick at a thing you chose yourself. My first worker wanted me at the gym and I lasted a week. "
            "The other reason is respect: setting it for somebody says you do not think they can."
        ),
        ROUTINE: (
            "Getting up for the allotment gives me a reason not to stay out late. It also means I meet people who only "
            "know me as the man with the leeks, and that is a new start every Tuesday."
        ),
        TRIGGERS: (
            "Friday is a time trigger and the row is an emotional one. For Fridays she could book the pottery class "
            "that starts at six, walk there with a friend so she cannot back out, and phone me after if it was hard."
        ),
        "morags-hope": (
            "I would ask Morag what song she would pick to sing first. Then: what is the smallest thing that would "
            "still count? She might listen to the choir from the back of the hall, write to the leader, or hum along "
            "at home with the radio. If she stood outside and went home again, that is one more thing we know, and "
            "we would choose something smaller together."
        ),
        "siobhan-hands-you-the-phone": (
            "I hand the phone back gently and say, let us write down your question first, in your words. I would be "
            "the housing officer for two minutes so she can try it out. Then she rings with me next to her. She keeps "
            "hold of it, so next time is easier. On Friday at four with nobody answering I would ring along with her."
        ),
        "lapse-and-relapse": "",
        "dean-texts-you": (
            "“Dean, thanks for texting. That took guts. Five weeks were real and they still count. Where are you, and "
            "is anybody there with you? Your body is not used to it now, so a bit can be too much.” Then I ring him. "
            "If he does not pick up and I am worried I call 999. I tell the duty worker today, because we agreed that "
            "at the start, and I ask about naloxone."
        ),
        "ruths-sunday-night": (
            "Ruth calls her own sponsor before she goes to bed and leaves a message for her supervisor. On Monday "
            "someone else meets her mentee, with no details given. She steps back for a while. Being honest is how "
            "she keeps her place, and how her mentee stays safe."
        ),
        PRIVATE: (
            "It is a promise with edges. What he says stays with me and my service, and I tell him the edges on day "
            "one. A secret has no edges. It matters for trust, and because gossip can cost a person their flat or job."
        ),
        ROOMS: (
            "Supervision: I can say what worries me, since that is what it is for. Group: a made-up version, no flats "
            "and no name. Fellowship: nothing, even if somebody asks me straight. If there was a knife in it I ring "
            "the duty worker that hour and tell Delroy that I am doing it."
        ),
    },
    "Kirsty": {
        GOALS: (
            "Because it is her life that has to change round it, and because she will blame you when it goes wrong. "
            "When my aunt picked my college course I left at Christmas."
        ),
        ROUTINE: "Walking the dog keeps you busy and it keeps you fit.",
        TRIGGERS: (
            "One is a day of the week. The other is falling out with family. She might text her cousin on Thursday to "
            "plan Friday tea, and keep the number of the evening line on her phone in case they cancel."
        ),
        PRIVATE: (
            "Keeping things confidential means only people who need to know get told, and you say who they are. With "
            "a secret nobody gets told. If I kept one about a child at risk, the child pays for it."
        ),
        ROOMS: (
            "With my supervisor I would talk it through. I would not bring it to the group, or to my meeting, as "
            "people there could guess that it is Delroy."
        ),
    },
    "Owen": {
        GOALS: (
            "A borrowed goal gets dropped when it rains. Also picking one is practice at deciding, and a lot of us "
            "have had everything decided by courts and wards for years."
        ),
        ROUTINE: (
            "Fixed meal times settled my sleep, so mornings stopped being the worst part. Second, football on a Sunday "
            "got me out with lads who do not drink before noon."
        ),
        TRIGGERS: (
            "The evening itself sets her off, and so does anger after her brother. Plan: agree a word with a flatmate "
            "that means sit with me, put her trainers by the door, go round the block twice, then ring."
        ),
        PRIVATE: (
            "You hold what you hear carefully and pass it on only for safety. People open up when they know that, and "
            "the law says so too. My neighbour stopped going to a group after hearing her own news in a shop."
        ),
        ROOMS: (
            "Monday I tell all that I need help with. Wednesday I ask how others carry a worry home, without saying "
            "whose. Thursday I keep quiet, because half that room plays cards with him. A threat changes it: then I "
            "share it at once with the service, and with the police if it is about to happen."
        ),
    },
    "Farah": {
        GOALS: (
            "First, only she knows what she has already tried. Second, reaching your own goal feels like winning, and "
            "reaching mine feels like homework. A lady I know chose to learn to swim, and now she teaches it."
        ),
        ROUTINE: (
            "Praying at set hours gives my day bones. Cooking for the community kitchen is different, it makes me "
            "useful to someone else, and after that I like myself enough to stay well."
        ),
        TRIGGERS: (
            "Mei has a time one (the weekend begins) and a feeling one (hurt). She could leave work with a colleague, "
            "have her favourite drama ready, and if the row comes, go to her friend downstairs before answering him."
        ),
        PRIVATE: (
            "What I am told is kept among those who look after her, and she knows their names. It is not silence. "
            "It matters since shame kills trust; and since in a small town one careless word reaches her mother."
        ),
        ROOMS: (
            "In supervision, the debt and how it sits with me. In the group, only my own feeling of carrying it. At "
            "fellowship, my own story and never his. With a threat of stabbing I ring the lead straight away, as his "
            "life comes before his privacy."
        ),
    },
    "Lee": {
        GOALS: "If you set the goals they have not got any. It should be the mentee because it is theirs.",
        PRIVATE: (
            "Not telling people stuff unless it is serious. It is different from a secret because you said at the "
            "start what is serious. It matters because I would not have come back if mine had talked."
        ),
    },
}
AGAIN = {
    ("Kirsty", ROUTINE): (
        "The dog needs out at seven, so my day starts and I am tired at night in the right way. That is one. The other "
        "is company: the same five owners in the park say hello, and they notice when I am not there."
    ),
    ("Lee", GOALS): (
        "One, because he is the one who has to get up and do it. Two, because when I was told what to aim for I nodded "
        "and did nothing. For example, my mentor asked me instead, and I said a bike. I still ride it."
    ),
}
NOT_YET = {
    GOALS: "You say whose goal it is. Now give two reasons, each with a “because”, and one example.",
    ROUTINE: "A good start: keeping busy helps. Add a second way that is different, and an example for each.",
    ROOMS: "You keep his name safe. Now say why in each place, and what would change if he were in danger.",
}
WELL_DONE = "You gave reasons of your own and a picture that I could see. That is what this point asks for."

REVIEW = "Please read it again against the second must: does the answer say what would change? Tell me what you find."
SECOND_WHY = "A safety-critical point, and the first one you decided in this unit."
SECOND_SAID = "Two places are named, but not why. I would ask for one more sentence."
SECOND_OTHER = "Each place has its reason, and the danger is seen at once. I have nothing to ask."
JUDGED = "I rest on what the answer says would be done the same day, and by whom."
MINUTES = (
    "We differed most about answers that say “I would tell someone” and not whom. We agreed that a named role is "
    "needed, and that the same day must be clear. We leave open how much of a script we expect."
)
APPEAL = "I said that people could guess who it is. That is the reason. Please read my last line again."
CASE_NOTED = "Two sentences are the same as on a help sheet that was handed out on Monday."
CASE_TOLD = "We ask how you wrote this answer, since some of it is like a help sheet. You can tell us what happened."
CASE_REPLY = "I had the sheet open when I wrote it. I did not know that I should use my own words."
ADJUSTED = "Answers may be spoken and recorded. A reader for long tasks. A break when she asks."
VISIT_TASK = "Write down in each sampling plan why a new assessor is looked at in full."
VISIT_DONE = "Every plan says so now: the reason stands on each line."

WHY_APPLY = {
    "Nadia Farrow": "Somebody sat with me in a corridor for two hours once. I would like to be that person for others.",
    "Iwan Prosser": "I have three years behind me and time on my hands. I listen better than I talk.",
    "Grace Oduya": "My sister went through this. I learned to keep quiet and keep turning up, and I can do that again.",
    "Ross Kinnear": "I know the services here and who answers the phone. New people should not have to find out alone.",
    "Hana Malik": "I cooked at the day centre for a year. People talk over onions. I would like to learn how to help.",
    "Tudor Vaughan": "I want to give back, and I am not afraid of a slow start with someone who trusts nobody.",
    "Bea Lomax": "I was a shop steward, so I can stand beside somebody in a meeting and let them speak first.",
    "Samir Daoud": "I have been the new one with no English. A friendly face at the door is half of it.",
}
SUPPORT = "A quiet room, please, and questions that I can read before we talk."
OFFER, WAIT = "You listen, and you know why you want to do it.", "The group is full. We would like you in the next one."
NOTE = "Speaks of the other person first."
CRITERIA = {
    "agree-to-supervision": (
        "Ready for supervision", "I am ready to meet a supervisor every two weeks once I begin to mentor.", (),
    ),
    "why-mentor": (
        "Reasons for mentoring", "Why would you like to be a peer mentor? What would you bring to somebody new?",
        ("Speaks of the other person, not only of their own story.", "Knows that a mentor listens."),
    ),
    "conversation": (
        "A conversation", "We meet you for half an hour and talk.", ("Listens, and asks before giving advice.",),
    ),
}  # fmt: skip
