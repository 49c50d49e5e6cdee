//! A permission as people read it, taken from its bytes and from nothing else.

use crate::text::number;
use protocol::grant::{Entry, Errand, Grant, Grantee, Occupied};
use serde::Serialize;
use tsify::Tsify;

/// Seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// First second inside, ms since 1970.
    pub from_ms: f64,
    /// First second after, ms since 1970.
    pub until_ms: f64,
}

/// The terms of a grant.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// The grant's id, for taking it back.
    pub id: String,
    /// What the resident calls whoever may come.
    pub service_name: String,
    /// Of the key that may send people, or of the guest's device.
    pub fingerprint: String,
    /// A guest rather than a provider.
    pub guest: bool,
    /// Parcels that it names; none: any of the service.
    pub parcels: Option<u32>,
    /// The service, if it names no parcels.
    pub service: Option<String>,
    /// When.
    pub windows: Vec<Times>,
    /// Visits in all.
    pub uses: u32,
    /// Visits in one window.
    pub uses_per_window: u32,
    /// Passages in one visit.
    pub entries: u32,
    /// Seconds that the door may stand open.
    pub door_open_s: u32,
    /// At least one camera must be recording.
    pub on_camera: bool,
    /// The visitor may come in.
    pub inside: bool,
    /// When someone is home.
    #[tsify(type = "'ask' | 'refuse' | 'allow'")]
    pub occupied: &'static str,
    /// What the service must attest of the person.
    pub attributes: Vec<String>,
    /// Seconds that the home must have held an order before it counts.
    pub notice_s: u32,
}

impl Letter {
    /// Reads a grant.
    pub fn of(grant: &Grant) -> Self {
        let (service_name, fingerprint, guest) = match &grant.to {
            Grantee::Provider { root, name } => (name.clone(), root.fingerprint(), false),
            Grantee::Holder { cnf, name } => (name.clone(), cnf.kid().fingerprint(), true),
        };
        let (parcels, service) = match &grant.errand {
            Errand::Consignments(list) => (Some(u32::try_from(list.len()).unwrap_or(u32::MAX)), None),
            Errand::Service(service) => (None, Some(service.clone())),
        };
        Self {
            id: grant.id.to_string(),
            service_name,
            fingerprint,
            guest,
            parcels,
            service,
            windows: grant.windows.iter().map(|w| times(w.from.0, w.until.0)).collect(),
            uses: grant.uses,
            uses_per_window: grant.uses_per_window,
            entries: grant.terms.entries,
            door_open_s: grant.terms.door_open_s,
            on_camera: !grant.terms.cameras.is_empty(),
            inside: grant.terms.entry == Entry::Inside,
            occupied: match grant.terms.occupied {
                Occupied::Ask => "ask",
                Occupied::Refuse => "refuse",
                Occupied::Allow => "allow",
            },
            attributes: grant.terms.attributes.clone(),
            notice_s: grant.terms.notice_s,
        }
    }
}

fn times(from_s: u64, until_s: u64) -> Times {
    Times { from_ms: number(from_s.saturating_mul(1_000)), until_ms: number(until_s.saturating_mul(1_000)) }
}
