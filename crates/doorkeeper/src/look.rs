//! Looks: a resident sees for a minute what a camera sees, outside a visit. Who may, how often, and when it is over.
//! Opens nothing, and nothing of it is kept but that it happened.

use crate::Now;
use crate::doorkeeper::{After, Doorkeeper};
use crate::io::{Output, RecorderOrder};
use crate::limits::{
    LOOK_NO_MS, LOOK_NONCE_LIFE_MS, LOOK_NONCES_MAX, LOOKS_AT_ONCE_MAX, LOOKS_MAX, LOOKS_MS,
};
use crate::refusal::Refusal;
use alloc::vec::Vec;
use protocol::bytes::{Blob, Nonce, RecordingId};
use protocol::door_event::Body;
use protocol::limits::LOOK_S;
use protocol::look::{Look, stream};
use protocol::roster::Roster;
use protocol::time::Monotonic;
use protocol::{Claimed, Hash, Kid, Signed, Verifier};

/// What a home knows of looks. In memory only: after a start no old nonce counts.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// What signed heads said that a look must answer, and when; the newest last.
    nonces: Vec<(Nonce, Monotonic)>,
    /// When cameras were shown in the last hour.
    begun: Vec<Monotonic>,
    showing: Vec<Showing>,
    /// Until then nobody is shown anything: someone at the hub said no.
    no_until: Monotonic,
}

/// A look that goes on.
#[derive(Debug, Clone, Copy)]
struct Showing {
    by: Kid,
    stream: RecordingId,
    until: Monotonic,
}

impl Looks {
    /// A signed head gave this nonce out.
    pub fn give(&mut self, nonce: Nonce, now: Monotonic) {
        if self.nonces.len() >= LOOK_NONCES_MAX {
            self.nonces.remove(0);
        }
        self.nonces.push((nonce, now));
    }

    /// A camera is shown.
    pub fn begin(&mut self, at: Monotonic) {
        self.begun.push(at);
    }

    /// Someone at the hub says no.
    pub fn refuse(&mut self, now: Monotonic) {
        self.no_until = now.plus_ms(LOOK_NO_MS);
    }

    /// Takes the nonce, so that it is good for one look.
    fn take(&mut self, nonce: Nonce, now: Monotonic) -> bool {
        self.nonces.retain(|(_, at)| now.ms_since(*at) < LOOK_NONCE_LIFE_MS);
        let index = self.nonces.iter().position(|(known, _)| *known == nonce);
        index.map(|index| self.nonces.remove(index)).is_some()
    }

    fn check_how_many(&self, by: Kid, now: Monotonic) -> Result<(), Refusal> {
        let lately = self.begun.iter().filter(|at| now.ms_since(**at) < LOOKS_MS).count();
        let others = self.showing.iter().filter(|showing| showing.by != by).count();
        if lately < LOOKS_MAX && others < LOOKS_AT_ONCE_MAX { Ok(()) } else { Err(Refusal::TooManyLooks) }
    }
}

/// What must be known of the home beside its roster.
#[derive(Debug, Clone, Copy)]
pub struct AtHome {
    /// Now.
    pub now: Monotonic,
    /// Events can be proved.
    pub journal_is_healthy: bool,
    /// A visit is on, or somebody rings.
    pub somebody_is_at_the_door: bool,
}

/// May this camera be shown now? Only an authentic look uses its nonce up: a forged one costs nobody anything.
pub fn hear(
    roster: &Roster,
    looks: &mut Looks,
    home: AtHome,
    look: Claimed<Look>,
    verifier: &dyn Verifier,
) -> Result<Signed<Look>, Refusal> {
    let signer = roster.looker(look.kid()).ok_or(Refusal::SignerUnknown)?;
    let look = look.verify(&signer.credential, verifier).map_err(|_| Refusal::LookSignature)?;
    let message = look.message();
    if message.door != roster.door {
        return Err(Refusal::WrongDoor);
    }
    if roster.recorder(message.camera).is_none() {
        return Err(Refusal::CameraUnknown);
    }
    if !looks.take(message.nonce, home.now) {
        return Err(Refusal::LookStale);
    }
    if !home.journal_is_healthy {
        return Err(Refusal::JournalUnhealthy);
    }
    if home.now < looks.no_until {
        return Err(Refusal::LookNo);
    }
    if home.somebody_is_at_the_door {
        return Err(Refusal::LookInVisit);
    }
    looks.check_how_many(look.signer(), home.now)?;
    Ok(look)
}

impl Doorkeeper {
    /// A resident wants to see what a camera sees.
    pub(crate) fn look(&mut self, now: Now, bytes: &Blob) {
        let Ok(claimed) = Claimed::<Look>::parse(&bytes.0) else { return };
        let hash = claimed.hash();
        let home = AtHome {
            now: now.monotonic,
            journal_is_healthy: self.journal_is_healthy,
            somebody_is_at_the_door: self.somebody_is_at_the_door(),
        };
        match hear(&self.papers.roster, &mut self.looks, home, claimed, self.verifier.as_ref()) {
            Ok(look) => self.show(now, &look),
            Err(refusal) => self.outputs.push_back(Output::Look { look: hash, refused: Some(refusal) }),
        }
    }

    /// Logged first, durably; then the camera is shown.
    fn show(&mut self, now: Now, look: &Signed<Look>) {
        let (by, stream) = (look.signer(), look.stream());
        let Look { camera, kem, .. } = look.message().clone();
        // Looking longer is looking anew: another key, another entry in the log.
        self.end_looks(|showing| showing.by == by);
        self.looks.begun.retain(|at| now.monotonic.ms_since(*at) < LOOKS_MS);
        self.looks.begin(now.monotonic);
        let until = now.monotonic.plus_ms(u64::from(LOOK_S).saturating_mul(1_000));
        self.looks.showing.push(Showing { by, stream, until });
        self.note(now, None, Body::Looked { by, camera, seconds: LOOK_S, look: look.hash() });
        let ticket = self.sync();
        let order = RecorderOrder::Look { stream, camera, to: by, kem, seconds: LOOK_S };
        self.after.push_back((ticket, After::Looked { look: look.hash(), order }));
    }

    /// It is durable. Whoever came to the door or said no meanwhile has ended it before it began; asked anew, it is
    /// said why.
    pub(crate) fn looked(&mut self, look: Hash, order: RecorderOrder) {
        let goes_on = self.looks.showing.iter().any(|showing| showing.stream == stream(look));
        if goes_on {
            self.outputs.push_back(Output::Recorder(order));
        }
        let refused = (!goes_on).then_some(Refusal::LookStale);
        self.outputs.push_back(Output::Look { look, refused });
    }

    /// Ends looks whose minute is over; and all of them when somebody comes to the door, whoever looked is no resident
    /// any more, or nothing can be proved.
    pub(crate) fn step_looks(&mut self, now: Now) {
        if self.looks.showing.is_empty() {
            return;
        }
        let all =
            self.somebody_is_at_the_door() || !self.journal_is_healthy || now.monotonic < self.looks.no_until;
        let over: Vec<RecordingId> = self
            .looks
            .showing
            .iter()
            .filter(|showing| {
                all || now.monotonic >= showing.until || self.papers.roster.looker(showing.by).is_none()
            })
            .map(|showing| showing.stream)
            .collect();
        self.end_looks(|showing| over.contains(&showing.stream));
    }

    fn end_looks(&mut self, is_over: impl Fn(&Showing) -> bool) {
        for showing in &self.looks.showing {
            if is_over(showing) {
                self.outputs.push_back(Output::Recorder(RecorderOrder::LookOver(showing.stream)));
            }
        }
        self.looks.showing.retain(|showing| !is_over(showing));
    }

    /// When the first look is over.
    pub(crate) fn looks_timeout(&self) -> Option<Monotonic> {
        self.looks.showing.iter().map(|showing| showing.until).min()
    }

    fn somebody_is_at_the_door(&self) -> bool {
        !self.visits.is_empty() || !self.callers.is_empty()
    }
}
