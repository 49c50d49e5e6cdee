//! Permissions: for parcels that are on their way, always for a service, for a guest.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use protocol::bytes::GrantId;
use protocol::commitment::Commitment;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record, Terms};
use protocol::roster::Roster;
use protocol::time::Window;
use protocol::{Credential, Kid};

/// Greatest age of a camera's picture, milliseconds: the live picture's own limit.
const PICTURE_AGE_MS_MAX: u32 = 1_000;
/// How long the home must have held an assignment under a standing permission, seconds: the provider can mint errands
/// under it, and a person has this long to say no.
const NOTICE_S: u32 = 900;

/// Who may come, for what, when, and what a person decided about how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who.
    pub to: Grantee,
    /// What for.
    pub errand: Errand,
    /// When: ascending, not overlapping.
    pub windows: Vec<Window>,
    /// Visits in one window.
    pub uses_per_window: u32,
    /// Seconds that the door may stand open.
    pub door_open_s: u32,
    /// How far the visitor may go.
    pub entry: Entry,
    /// Passages in one visit.
    pub entries: u32,
    /// What happens when someone is home.
    pub occupied: Occupied,
    /// Seconds that the home must have held an order before it counts.
    pub notice_s: u32,
}

impl Wish {
    /// One delivery of these parcels and no others, over the threshold.
    pub fn parcels(provider: Kid, name: String, mut parcels: Vec<Commitment>, window: Window) -> Self {
        parcels.sort();
        Self {
            to: Grantee::Provider { root: provider, name },
            errand: Errand::Consignments(parcels),
            windows: vec![window],
            uses_per_window: 1,
            door_open_s: 60,
            entry: Entry::Threshold,
            entries: 1,
            occupied: Occupied::Ask,
            // The parcels are named one by one: nobody can mint another errand.
            notice_s: 0,
        }
    }

    /// Every `service` of this provider, in each window as often as `uses_per_window` says; deliveries over the
    /// threshold, people who work inside come in.
    pub fn always(
        provider: Kid,
        name: String,
        service: String,
        windows: Vec<Window>,
        uses_per_window: u32,
    ) -> Self {
        let goods = matches!(service.as_str(), "delivery" | "pickup");
        Self {
            to: Grantee::Provider { root: provider, name },
            errand: Errand::Service(service),
            windows,
            uses_per_window,
            door_open_s: 60,
            entry: if goods { Entry::Threshold } else { Entry::Inside },
            entries: if goods { 1 } else { 4 },
            occupied: Occupied::Ask,
            notice_s: NOTICE_S,
        }
    }

    /// A person, by the key of their own device. They come in, and nobody is asked again.
    pub fn guest(device: Credential, name: String, windows: Vec<Window>, uses_per_window: u32) -> Self {
        Self {
            to: Grantee::Holder { cnf: device, name },
            errand: Errand::Service("guest".into()),
            windows,
            uses_per_window,
            door_open_s: 60,
            entry: Entry::Inside,
            entries: 1,
            occupied: Occupied::Allow,
            // One device: nobody can send another.
            notice_s: 0,
        }
    }

    /// The permission, for the door of this roster.
    pub fn grant(self, roster: &Roster, id: GrantId) -> Grant {
        let attributes = match &self.to {
            Grantee::Provider { .. } => vec!["employee".into()],
            Grantee::Holder { .. } => vec![],
        };
        let cameras = roster.recorder_keys.iter();
        let cameras = cameras.map(|key| Camera { recorder: key.kid(), age_ms: PICTURE_AGE_MS_MAX }).collect();
        // Each window may be used up.
        let windows = u32::try_from(self.windows.len()).unwrap_or(u32::MAX);
        let uses = windows.saturating_mul(self.uses_per_window);
        Grant {
            id,
            door: roster.door,
            roster_epoch: roster.epoch,
            to: self.to,
            errand: self.errand,
            windows: self.windows,
            uses,
            uses_per_window: self.uses_per_window,
            terms: Terms {
                cameras,
                record: Record::WholeVisit,
                door_open_s: self.door_open_s,
                entry: self.entry,
                entries: self.entries,
                attributes,
                notice_s: self.notice_s,
                occupied: self.occupied,
                revocation_age_s: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::bytes::{DoorId, Hash, HomeId};
    use protocol::envelope::Message as _;
    use protocol::time::Timestamp;
    use protocol::{DeviceKey, Signer as _};

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_secret(&[n; 32]).unwrap()
    }

    fn roster() -> Roster {
        Roster {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            epoch: 7,
            prev: Hash([0; 32]),
            door_key: key(2).public(),
            recorder_keys: vec![key(3).public()],
            residents: vec![],
            quorum: 1,
            grants_from: 1,
        }
    }

    fn days(n: u64) -> Vec<Window> {
        (0..n)
            .map(|day| Window { from: Timestamp(day * 86_400), until: Timestamp(day * 86_400 + 3_600) })
            .collect()
    }

    #[test]
    fn parcels_come_once_and_are_named_in_order() {
        let [one, two] = [1, 2].map(|n| Commitment(Hash([n; 32])));
        let wish = Wish::parcels(key(4).public().kid(), "Post".into(), vec![two, one], days(1)[0]);
        let grant = wish.grant(&roster(), GrantId([9; 16]));
        grant.check().unwrap();
        assert_eq!(grant.errand, Errand::Consignments(vec![one, two]));
        assert_eq!((grant.uses, grant.uses_per_window, grant.terms.notice_s), (1, 1, 0));
        assert_eq!(grant.terms.cameras[0].recorder, key(3).public().kid());
        assert_eq!((grant.roster_epoch, grant.door), (7, DoorId([2; 16])));
    }

    #[test]
    fn a_standing_permission_gives_time_to_say_no() {
        let always = |service: &str| {
            Wish::always(key(4).public().kid(), "Post".into(), service.into(), days(10), 2)
                .grant(&roster(), GrantId([9; 16]))
        };
        let goods = always("delivery");
        goods.check().unwrap();
        assert_eq!((goods.uses, goods.uses_per_window, goods.terms.notice_s), (20, 2, 900));
        assert_eq!((goods.terms.entry, goods.terms.entries), (Entry::Threshold, 1));
        assert_eq!(goods.terms.attributes, ["employee"]);
        assert_eq!(always("cleaning").terms.entry, Entry::Inside);
    }

    #[test]
    fn a_guest_is_one_device_and_brings_no_employer() {
        let grant =
            Wish::guest(key(5).credential(), "Ada".into(), days(3), 1).grant(&roster(), GrantId([9; 16]));
        grant.check().unwrap();
        assert_eq!((grant.uses, grant.terms.notice_s), (3, 0));
        assert!(grant.terms.attributes.is_empty());
        assert_eq!(grant.terms.occupied, Occupied::Allow);
    }
}
