//! The papers of two days: what a cloud relays and keeps, and so what a stolen one holds.

use crate::home::{Keys, Place};
use crate::world::envelope;
use doorkeeper::chance::Chance;
use drafts::Wish;
use protocol::assignment::Assignment;
use protocol::bytes::{AssignmentId, Blob, GrantId, Hash, Salt, TourId, VisitId};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::envelope::Message;
use protocol::grant::{Errand, Grant};
use protocol::roster::Roster;
use protocol::time::{Timestamp, Window};
use protocol::{Credential, DeviceKey, Kid, Signer as _, canonical};

pub(crate) const HOUR_S: u64 = 3_600;
const DAY_S: u64 = 24 * HOUR_S;
/// Tomorrow's window, seconds.
const WINDOW_S: u64 = 4 * HOUR_S;

/// A grant and the provider's assignment under it, as they travel.
pub(crate) struct Errands {
    pub(crate) grant: Grant,
    pub(crate) grant_bytes: Vec<u8>,
    pub(crate) assignment: Assignment,
    pub(crate) assignment_bytes: Vec<u8>,
}

/// What a courier's phone said yesterday, word for word.
pub(crate) struct Transcript {
    pub(crate) visit: VisitId,
    pub(crate) arrival: Vec<u8>,
    pub(crate) presentation: Vec<u8>,
}

pub(crate) struct Tray {
    pub(crate) delegation: Vec<u8>,
    /// Its window still runs, its one use is gone.
    pub(crate) used: Errands,
    pub(crate) tomorrow: Errands,
    pub(crate) other_door: Errands,
    /// Salts and labels: the provider's and the handset's, never the cloud's.
    pub(crate) used_parcel: Opening,
    pub(crate) tomorrow_parcel: Opening,
}

/// Days by their seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    /// When the page was opened.
    pub(crate) now: u64,
    /// When tomorrow's window begins, on the hour.
    pub(crate) window: u64,
}

impl Days {
    pub(crate) const fn of(now: u64) -> Self {
        Self { now, window: (now + DAY_S - HOUR_S) / HOUR_S * HOUR_S }
    }

    /// When the home was set up.
    pub(crate) const fn founded(self) -> u64 {
        self.yesterday() - 2 * HOUR_S
    }

    /// When the courier came.
    pub(crate) const fn yesterday(self) -> u64 {
        self.tomorrow() - 2 * DAY_S
    }

    /// An hour into tomorrow's window.
    pub(crate) const fn tomorrow(self) -> u64 {
        self.window + HOUR_S
    }

    pub(crate) const fn tomorrows_window(self) -> Window {
        Window { from: Timestamp(self.window), until: Timestamp(self.window + WINDOW_S) }
    }

    /// From yesterday's visit to the end of tomorrow's window.
    pub(crate) const fn long_window(self) -> Window {
        Window { from: Timestamp(self.founded()), until: Timestamp(self.window + WINDOW_S) }
    }

    pub(crate) const fn around_now(self) -> Window {
        Window { from: Timestamp(self.now - HOUR_S), until: Timestamp(self.now + WINDOW_S) }
    }
}

impl Tray {
    pub(crate) fn make(keys: &Keys, roster: &Roster, days: Days, chance: &mut Chance) -> Self {
        let used_parcel = opening("RR 123 456 785 DE", chance);
        let tomorrow_parcel = opening("RR 473 124 829 DE", chance);
        let elsewhere = Roster { door: Place::draw(chance).door, ..roster.clone() };
        let delegation = Delegation {
            root: keys.provider_root.public(),
            key: keys.provider_working.public(),
            window: days.long_window(),
        };
        let mut signed = |roster: &Roster, parcel: &Opening, window| {
            let errand = vec![parcel.commitment()];
            let grant = grant(keys.provider_root.kid(), roster, errand, window, GrantId(chance.draw()));
            let assignment = assignment(&grant, keys.provider_root.kid(), &keys.handset, window, chance);
            Errands {
                grant_bytes: envelope(grant.clone(), &keys.resident),
                assignment_bytes: envelope(assignment.clone(), &keys.provider_working),
                grant,
                assignment,
            }
        };
        Self {
            delegation: envelope(delegation, &keys.provider_root),
            used: signed(roster, &used_parcel, days.long_window()),
            tomorrow: signed(roster, &tomorrow_parcel, days.tomorrows_window()),
            other_door: signed(&elsewhere, &tomorrow_parcel, days.around_now()),
            used_parcel,
            tomorrow_parcel,
        }
    }
}

/// What the app drafts for one delivery.
pub(crate) fn grant(
    provider: Kid,
    roster: &Roster,
    parcels: Vec<Commitment>,
    window: Window,
    id: GrantId,
) -> Grant {
    Wish::parcels(provider, "Parcel service".into(), parcels, window).grant(roster, id)
}

/// Everything that the grant lets be assigned, to this device.
pub(crate) fn assignment(
    grant: &Grant,
    provider: Kid,
    device: &DeviceKey,
    window: Window,
    chance: &mut Chance,
) -> Assignment {
    let errands = match &grant.errand {
        Errand::Consignments(parcels) => parcels.clone(),
        Errand::Service(_) => Vec::new(),
    };
    let cnf: Credential = device.credential();
    Assignment {
        id: AssignmentId(chance.draw()),
        door: grant.door,
        provider,
        service: "delivery".into(),
        errands,
        cnf,
        tour: TourId(chance.draw()),
        attributes: grant.terms.attributes.clone(),
        window,
    }
}

pub(crate) fn opening(label: &str, chance: &mut Chance) -> Opening {
    Opening { salt: Salt(chance.draw()), scan: scan(label) }
}

/// # Panics
/// If a label of this file is none.
fn scan(label: &str) -> Scan {
    Scan::from_label(label).expect("a label of printable characters")
}

pub(crate) fn hash<M: Message>(message: &M) -> Hash {
    Hash::of(M::TYPE, &[&canonical::encode(message)])
}

/// The envelope of a message with another message in the place of the first, under the first one's signature.
/// Unchanged if the two are not of one length: then lengths in between would have to change, too.
pub(crate) fn altered<M: Message>(envelope: &[u8], from: &M, to: &M) -> Vec<u8> {
    let (from, to) = (canonical::encode(from), canonical::encode(to));
    let at = envelope.windows(from.len()).position(|window| window == from);
    let mut bytes = envelope.to_vec();
    if let Some(at) = at.filter(|_| from.len() == to.len()) {
        bytes[at..at + to.len()].copy_from_slice(&to);
    }
    bytes
}

pub(crate) fn blob(bytes: &[u8]) -> Blob {
    Blob(bytes.to_vec())
}
