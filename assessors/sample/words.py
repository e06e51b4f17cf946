"""What the sample learners wrote and their assessor replied: made-up people, made-up words."""

DRAFT = (
    "First I would thank Jo for telling me and say I believe her. I would say sorry but I can’t keep this one to "
    "myself, like we talked about when we met. Then I would tell her I have to ring Ade today because"
)

WAITING = {
    "why-confidentiality-matters": (
        "Confidential means I keep what I hear inside the service. It matters because people only talk when they "
        "trust where their words go. Secret is different. A secret would leave me on my own with it, and somebody"
        " could get hurt. I would never promise a secret."
    ),
}

NOT_YET = (
    "In supervision I can say what happened, but only what my supervisor needs. In a group I talk about me and "
    "not about my mentee. I would not use a name."
)
NOT_YET_FEEDBACK = (
    "You keep names out, and you know supervision is for what your supervisor needs. One thing to add: say what "
    "you do when you meet your mentee at a fellowship meeting, and what stays in that room."
)
FEEDBACK = "You answered this in your own words and showed how you would do it. That is clear and kind. Thank you."

UNIT_6 = {
    "why-goals-are-theirs": (
        "If I pick the goal, it is my goal and she is just being polite. When it is hers she has a reason to get "
        "up for it. She knows her life and I only know a bit of it. It also shows I trust her."
    ),
    "morags-hope": (
        "I would ask Morag what seeing her grandchildren would look like on a good day. Then I would ask what one"
        " small step could happen this week, like ringing her daughter for five minutes. We would write it in her"
        " words, say when, and think what might get in the way. I would ask if she wants me to check in, and we "
        "would look back at it next time without any telling off."
    ),
    "why-routine-helps": (
        "Days with nothing in them are long, and that is when old habits call. A routine gives you people to see "
        "and something to be good at. It also fills the hours that used to go on using."
    ),
    "siobhan-hands-you-the-phone": (
        "I would not take the phone straight away. I would say it makes sense that she is scared of that call. "
        "Then I would ask which part is the worst bit and offer to practise it first. I can sit beside her while "
        "she rings and write down what they say. If she really cannot, we do the first minute together and she "
        "takes over. Doing it for her would tell her she can’t."
    ),
    "meis-friday-nights": (
        "A trigger can be a place, a feeling, a person or payday. For Mei it is Friday night on her own. Her plan"
        " could be: ring me or her sister before five, go to the Friday meal at the hall, leave the bank card "
        "with someone, and have a list on the fridge of what to do if the first thing does not work."
    ),
    "lapse-and-relapse": "",
    "dean-texts-you": (
        "Dean, I am really glad you told me. You are not a failure and I am not going anywhere. Are you safe "
        "right now? Is somebody with you? After five weeks your body is not used to it, so please do not use on "
        "your own. Can you ring the service now, or shall I ask them to ring you? Then I would tell the duty "
        "worker the same day, like we agreed at the start. I would ask about naloxone. If he does not answer or "
        "sounds unwell I ring 999. Next time we meet we can look at what happened, no blame."
    ),
    "ruths-sunday-night": (
        "Ruth should not hide it and should not go to see her mentee on Monday. She should ring her own support "
        "tonight and tell her supervisor first thing. The service will find somebody to see her mentee, so nobody"
        " is left. She can stop mentoring for a while and come back when she and her supervisor think it is "
        "right. It is not the end of everything and telling is the brave bit."
    ),
}
