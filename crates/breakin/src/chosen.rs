//! The papers that an attempt chose: relayed, changed, or made with the keys that lie on the tray.

use crate::attempt::{Attempt, Order, Permission};
use crate::home::{Forger, Keys, resident};
use crate::tray::{Days, Errands, Tray, altered, assignment, hash};
use crate::world::envelope;
use doorkeeper::chance::Chance;
use protocol::assignment::Assignment;
use protocol::bytes::{GrantId, Hash};
use protocol::commitment::Opening;
use protocol::delegation::Delegation;
use protocol::grant::Grant;
use protocol::roster::Roster;
use protocol::{Kid, Signed};

/// What goes to the home, and what an arrival names.
pub(crate) struct Chosen {
    pub(crate) grant: Hash,
    pub(crate) grant_bytes: Vec<u8>,
    pub(crate) assignment: Option<Hash>,
    pub(crate) assignment_bytes: Option<Vec<u8>>,
    /// Of a provider that the cloud made up.
    pub(crate) delegation_bytes: Option<Vec<u8>>,
    /// The parcel that the papers speak of.
    pub(crate) parcel: Opening,
}

impl Chosen {
    pub(crate) fn of(attempt: &Attempt, tray: &Tray, keys: &Keys, days: Days, chance: &mut Chance) -> Self {
        let (grant, grant_bytes) = permission(attempt.permission, tray, keys, days, chance);
        let relayed = match attempt.permission {
            Permission::Used => &tray.used,
            Permission::OtherDoor => &tray.other_door,
            Permission::Tomorrow | Permission::Altered | Permission::Own | Permission::Forged => {
                &tray.tomorrow
            }
        };
        let parcel =
            if attempt.permission == Permission::Used { &tray.used_parcel } else { &tray.tomorrow_parcel };
        let order = order(attempt.order, relayed, &grant, keys, days, chance);
        let made_up =
            Delegation { root: keys.cloud.public(), key: keys.cloud.public(), window: days.long_window() };
        let is_made_up = attempt.order == Order::MadeUp;
        Self {
            grant: hash(&grant),
            grant_bytes,
            assignment: order.as_ref().map(|(order, _)| hash(order)),
            assignment_bytes: order.map(|(_, bytes)| bytes),
            delegation_bytes: is_made_up.then(|| envelope(made_up, &keys.cloud)),
            parcel: parcel.clone(),
        }
    }

    /// What the courier of tomorrow holds.
    pub(crate) fn of_the_courier(tray: &Tray) -> Self {
        Self {
            grant: hash(&tray.tomorrow.grant),
            grant_bytes: tray.tomorrow.grant_bytes.clone(),
            assignment: Some(hash(&tray.tomorrow.assignment)),
            assignment_bytes: Some(tray.tomorrow.assignment_bytes.clone()),
            delegation_bytes: None,
            parcel: tray.tomorrow_parcel.clone(),
        }
    }
}

fn permission(
    permission: Permission,
    tray: &Tray,
    keys: &Keys,
    days: Days,
    chance: &mut Chance,
) -> (Grant, Vec<u8>) {
    let relayed = |errands: &Errands| (errands.grant.clone(), errands.grant_bytes.clone());
    let tomorrow = &tray.tomorrow;
    let own =
        Grant { id: GrantId(chance.draw()), windows: vec![days.long_window()], ..tomorrow.grant.clone() };
    match permission {
        Permission::Used => relayed(&tray.used),
        Permission::Tomorrow => relayed(tomorrow),
        Permission::OtherDoor => relayed(&tray.other_door),
        Permission::Altered => {
            // The home holds the real one: under its name no other is kept.
            let grant = Grant { windows: vec![days.around_now()], ..own };
            let bytes = altered(&tomorrow.grant_bytes, &tomorrow.grant, &grant);
            (grant, bytes)
        }
        Permission::Own => {
            let bytes = envelope(own.clone(), &keys.cloud);
            (own, bytes)
        }
        Permission::Forged => {
            let forger = Forger { name: &keys.resident, key: &keys.cloud };
            let bytes = envelope(own.clone(), &forger);
            (own, bytes)
        }
    }
}

fn order(
    order: Order,
    relayed: &Errands,
    grant: &Grant,
    keys: &Keys,
    days: Days,
    chance: &mut Chance,
) -> Option<(Assignment, Vec<u8>)> {
    let mut to_the_thief =
        |provider: Kid| assignment(grant, provider, &keys.thief, days.long_window(), chance);
    let (assignment, key) = match order {
        Order::Nothing => return None,
        Order::Relayed => return Some((relayed.assignment.clone(), relayed.assignment_bytes.clone())),
        Order::Own => (to_the_thief(keys.provider_root.kid()), &keys.cloud),
        Order::MadeUp => (to_the_thief(keys.cloud.kid()), &keys.cloud),
        Order::Provider => (to_the_thief(keys.provider_root.kid()), &keys.provider_working),
    };
    let bytes = envelope(assignment.clone(), key);
    Some((assignment, bytes))
}

/// The next roster, in which the cloud's key is a resident's; signed with that key.
pub(crate) fn roster_of_the_cloud(present: &Signed<Roster>, keys: &Keys) -> Vec<u8> {
    let mut next = present.message().clone();
    next.prev = present.hash();
    next.epoch += 1;
    next.residents.push(resident(&keys.cloud, next.epoch, "cloud"));
    next.residents.sort_by_key(|one| one.credential.kid());
    envelope(next, &keys.cloud)
}
