//! Papers, confirmations and questions that come over the uplink.

use crate::Now;
use crate::doorkeeper::After;
use crate::doorkeeper::Doorkeeper;
use crate::io::Output;
use crate::papers::Change;
use crate::papers::Since;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::sensors::Bolt;
use crate::sensors::Door;
use protocol::Signed;
use protocol::bytes::Blob;
use protocol::bytes::Hash;
use protocol::bytes::Nonce;
use protocol::door_event::Body;
use protocol::head::Head;
use protocol::time::Timestamp;
use protocol::uplink::Paper;

impl Doorkeeper {
    pub(crate) fn keep(&mut self, now: Now, id: u64, paper: &Paper) {
        if !self.journal_is_healthy {
            let refused = Some(Refusal::JournalUnhealthy);
            return self.outputs.push_back(Output::Kept { id, refused });
        }
        let since = Since { interval: now.interval, monotonic: Some(now.monotonic) };
        let presence = now.monotonic < self.presence_until;
        self.make_room(paper, now.interval.lo);
        let change = match self.papers.keep(paper, since, presence, self.verifier.as_ref()) {
            Err(refusal) => return self.outputs.push_back(Output::Kept { id, refused: Some(refusal) }),
            Ok(Change::Nothing) => return self.outputs.push_back(Output::Kept { id, refused: None }),
            Ok(change) => change,
        };
        self.append(Record::Kept { paper: paper.clone(), at: now.interval });
        if let Some(body) = self.noted_change(&change) {
            self.note(now, None, body);
        }
        let ticket = self.sync();
        self.after.push_back((ticket, After::Say(Output::Kept { id, refused: None })));
        for grant in self.papers.concerned_by(&change) {
            self.after.push_back((ticket, After::Say(Output::LookAhead(grant))));
        }
    }

    /// When a limit is reached, papers that can never count again go. A replay does so at the same place.
    pub(crate) fn make_room(&mut self, paper: &Paper, lo: Timestamp) {
        if self.papers.is_full_for(paper) {
            self.drop_spent(lo);
        }
    }

    /// Drops papers that can never count again, and what was remembered for their sake.
    pub(crate) fn drop_spent(&mut self, lo: Timestamp) {
        self.papers.drop_spent(lo);
        let papers = &self.papers;
        self.past.retain(|id| papers.has_grant_id(id), |hash| papers.assignment(hash).is_some());
    }

    pub(crate) fn noted_change(&self, change: &Change) -> Option<Body> {
        match change {
            Change::Nothing | Change::Delegation(_) | Change::Confirmed(_) => None,
            Change::Roster => {
                Some(Body::RosterKept { epoch: self.papers.roster.epoch, roster: self.papers.roster_hash })
            }
            Change::Grant(hash) => {
                let kept = self.papers.grant(*hash)?;
                Some(Body::GrantKept { grant: *hash, id: kept.claimed.unproven().id })
            }
            Change::Assignment(hash) => Some(Body::AssignmentKept(*hash)),
            Change::Revocation => {
                let list = &self.papers.revocation.as_ref()?.claimed;
                Some(Body::RevocationKept { sequence: list.unproven().sequence, revocation: list.hash() })
            }
        }
    }

    pub(crate) fn presence_confirms(&mut self, grant: Hash) {
        if self.journal_is_healthy && self.papers.confirm(grant) {
            self.append(Record::PresenceConfirmed(grant));
            self.sync();
        }
    }

    pub(crate) fn head_wanted(&mut self, now: Now, nonce: Nonce) {
        if !self.journal_is_healthy {
            // The newest events may not be durable, and never will be.
            return;
        }
        let known = self.sensors.bolt != Bolt::Unknown && self.sensors.door != Door::Unknown;
        let look = Nonce(self.chance.draw());
        self.looks.give(look, now.monotonic);
        let head = Head {
            door: self.log.door,
            nonce,
            counter: self.log.position.counter,
            event: self.log.position.head,
            at: now.interval,
            secured: known.then(|| self.sensors.is_secured()),
            look,
        };
        if let Ok(signed) = Signed::sign(head, self.log.key.as_ref()) {
            // Never promise events that a power cut could still take back.
            let ticket = self.sync();
            self.after.push_back((ticket, After::Say(Output::Head(Blob(signed.bytes().into())))));
        }
    }
}
