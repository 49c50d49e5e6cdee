//! What residents answer during a visit: whose word it is, whether that key may say it, and what it changes.

use crate::Now;
use crate::doorkeeper::Doorkeeper;
use crate::past::By;
use crate::refusal::Refusal;
use protocol::answer::{Answer, Word};
use protocol::bytes::{Blob, VisitId};
use protocol::door_event::Body;
use protocol::roster::Roster;
use protocol::time::Interval;
use protocol::{Claimed, Signed, Verifier};

/// Proves an answer: for this roster's door, signed by a key that may say this word. What it refuses is not heard, and
/// nobody is told why.
pub fn prove(roster: &Roster, bytes: &[u8], verifier: &dyn Verifier) -> Result<Signed<Answer>, Refusal> {
    let claimed = Claimed::<Answer>::parse(bytes).map_err(|_| Refusal::Malformed)?;
    let signer = roster.answerer(claimed.kid(), claimed.unproven().word).ok_or(Refusal::SignerUnknown)?;
    let answer = claimed.verify(&signer.credential, verifier).map_err(|_| Refusal::GrantSignature)?;
    if answer.message().door == roster.door { Ok(answer) } else { Err(Refusal::WrongDoor) }
}

impl Doorkeeper {
    pub(crate) fn answer(&mut self, now: Now, bytes: &Blob) {
        let Ok(answer) = prove(&self.papers.roster, &bytes.0, self.verifier.as_ref()) else { return };
        let message = answer.message();
        if self.take_answer(message.visit, message.word, now.interval) {
            let body = Body::Answered { word: message.word, answer: answer.hash() };
            self.note(now, Some(message.visit), body);
            self.sync();
            self.caller_answered(now, message.visit);
        }
    }

    /// What a resident's word changes, now and when the log is replayed. False if it changes nothing: *stop* is final,
    /// and of an ended visit only *stop* is heard, for the next one under its grant.
    pub(crate) fn take_answer(&mut self, visit: VisitId, word: Word, at: Interval) -> bool {
        if let Some(caller) = self.callers.iter_mut().find(|caller| caller.id == visit) {
            return caller.take_answer(word);
        }
        if word == Word::Stop && self.past.stop_ring(visit) {
            return true;
        }
        let open = self.visits.iter_mut().find(|v| v.id == visit && v.answer != Some(Word::Stop));
        let grant = match (open, word) {
            (Some(open), Word::Allow | Word::Coming) => {
                open.answer = Some(word);
                return true;
            }
            (Some(open), Word::Stop) => Some(open.grant.id),
            (None, Word::Stop) => self.past.stop_ended(visit),
            (None, Word::Allow | Word::Coming) => None,
        };
        let Some(grant) = grant else { return false };
        self.past.refuse(grant, By::Resident, at);
        self.visits.iter_mut().filter(|v| v.grant.id == grant).for_each(|v| v.answer = Some(Word::Stop));
        true
    }
}
