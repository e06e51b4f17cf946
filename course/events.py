"""What can happen, for the audit trail: names that are data for ever, each with the sentence that reads it aloud."""

from __future__ import annotations

import enum


class Event(enum.StrEnum):
    """What can happen, as `noun.past-tense`. This list only ever grows; each reads aloud through `sentence`."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Event:
        """Tie the stored name to the sentence in which it reads aloud."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    CENTRE_OPENED = "centre.opened", "A centre was opened."
    PERSON_INVITED = "person.invited", "A person was invited."
    PERSON_CHANGED = "person.changed", "A person's details were changed."
    PERSON_DISABLED = "person.disabled", "A person's account was closed."
    APPOINTMENT_MADE = "appointment.made", "A person was appointed."
    APPOINTMENT_ENDED = "appointment.ended", "An appointment was ended."
    QUALIFICATION_PUBLISHED = "qualification.published", "A version of a qualification was published."
    INDUCTION_PUBLISHED = "induction.published", "A version of the induction was published."
    UNIT_PUBLISHED = "unit.published", "A version of a unit was published."
    GUIDANCE_PUBLISHED = "guidance.published", "A version of guidance was published."
    GUIDANCE_PUT_IN_FORCE = "guidance.put-in-force", "A version of guidance was put in force."
    POLICY_PUBLISHED = "policy.published", "A version of a policy was published."
    POLICY_PUT_IN_FORCE = "policy.put-in-force", "A version of a policy was put in force."
    COHORT_OPENED = "cohort.opened", "A cohort was opened."
    LEARNER_ENROLLED = "learner.enrolled", "A learner was enrolled."
    LEARNER_REGISTERED = "learner.registered", "A learner was registered with the awarding organisation."
    LEARNER_INDUCTED = "learner.inducted", "A learner acknowledged the induction."
    LEARNER_WITHDRAWN = "learner.withdrawn", "A learner withdrew."
    UNIT_PINNED = "unit.pinned", "A learner's unit was pinned to a version."
    WORK_HANDED_IN = "work.handed-in", "A learner handed in work under a declaration."
    ANSWER_HANDED_IN = "answer.handed-in", "An answer was handed in."
    ANSWER_TAKEN_BACK = "answer.taken-back", "An answer was taken back before anybody opened it."
    ANSWER_DECIDED = "answer.decided", "An assessor decided a criterion of an answer."
    ANSWER_RETURNED = "answer.returned", "An answer's decisions were returned to the learner."
    UNIT_DEPARTED = "unit.departed", "An assessor departed from a unit's threshold."
    CONCERN_RAISED = "concern.raised", "A concern was raised with the safeguarding lead."
    CONCERN_ACKNOWLEDGED = "concern.acknowledged", "The safeguarding lead acknowledged a concern."
    ATTEMPT_AUTHORISED = "attempt.authorised", "A further attempt was authorised."
    SAMPLE_OPENED = "sample.opened", "A sample was opened."
    DECISION_REVIEWED = "decision.reviewed", "An internal quality assurer reviewed a decision."
    ACTION_ASKED = "action.asked", "An assessor was asked to act by a date."
    ACTION_ANSWERED = "action.answered", "An assessor answered an action."
    ACTION_CLOSED = "action.closed", "An action was closed."
    INTAKE_OPENED = "intake.opened", "A cohort was opened to applications."
    INTAKE_CLOSED = "intake.closed", "A cohort was closed to applications."
    APPLICATION_SENT = "application.sent", "An application was sent."
    APPLICATION_WITHDRAWN = "application.withdrawn", "An applicant withdrew their application."
    APPLICATION_SCORED = "application.scored", "A selector scored an application."
    ELIGIBLE_DATE_NOTED = "eligible-date.noted", "The day from which an applicant may start was noted."
    SELECTOR_CONFLICT_DECLARED = "selector-conflict.declared", "A selector said that they know an applicant."
    WAIVER_ASKED = "waiver.asked", "A selector asked that a criterion be waived."
    WAIVER_AGREED = "waiver.agreed", "A second person agreed to waive a criterion."
    PLACE_DECIDED = "place.decided", "The outcome of an application was agreed."
    OFFER_ANSWERED = "offer.answered", "An applicant answered an offer."
    REFERENCE_ASKED = "reference.asked", "A reference was asked for."
    REFERENCE_GIVEN = "reference.given", "A reference was given."
    CHECK_NOTED = "check.noted", "A check was seen, and what follows from it noted."
    EVIDENCE_OPENED = "evidence.opened", "Somebody opened special evidence."
    BATCH_MADE = "batch.made", "Achieved units were put into a batch."
    BATCH_RELEASED = "batch.released", "A batch was released for claim."
    RECORD_ISSUED = "record.issued", "A completion record was issued."
    RECORD_REVOKED = "record.revoked", "A completion record was revoked."
    VERIFICATION_APPROVED = "verification.approved", "A holder let somebody see a record."
    VERIFICATION_REFUSED = "verification.refused", "A holder refused to show a record."
    VERIFICATION_OPENED = "verification.opened", "A holder let anybody with the code see a record until a day."
    VERIFICATION_CLOSED = "verification.closed", "A holder ended a permission given beforehand."
    RECORD_CODE_CHANGED = "record.code-changed", "A holder gave a record a new code."
    WORDS_EXPORTED = "words.exported", "Words were exported."
    KEY_DESTROYED = "key.destroyed", "A key was destroyed, and with it the words it sealed."
