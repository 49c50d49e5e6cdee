//! The next revocation list: what was stopped stays stopped, unless it is lifted by name.

use alloc::vec::Vec;
use protocol::bytes::{DoorId, GrantId};
use protocol::revocation::Revocation;
use protocol::time::Timestamp;

/// What a resident stops, or lifts.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Nobody comes in any more.
    Block,
    /// They may again. Owners only.
    Unblock,
    /// One permission is taken back.
    Revoke(GrantId),
}

/// The list after `newest`, which someone of this home must have signed: a list that the cloud made up would lift what
/// a resident stopped. None: this is the first.
pub fn stop(door: DoorId, newest: Option<Revocation>, now: Timestamp, change: Change) -> Revocation {
    let mut list = newest.unwrap_or(Revocation {
        door,
        sequence: 0,
        issued: now,
        blocked: false,
        grants: Vec::new(),
        providers: Vec::new(),
        devices: Vec::new(),
    });
    list.sequence = list.sequence.saturating_add(1);
    list.issued = now;
    match change {
        Change::Block => list.blocked = true,
        Change::Unblock => list.blocked = false,
        Change::Revoke(grant) => {
            list.grants.push(grant);
            list.grants.sort();
            list.grants.dedup();
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stopped_stays_stopped() {
        let [one, two] = [1, 2].map(|n| GrantId([n; 16]));
        let door = DoorId([7; 16]);
        let first = stop(door, None, Timestamp(10), Change::Revoke(two));
        assert_eq!((first.sequence, first.blocked, first.door), (1, false, door));
        let second = stop(door, Some(first), Timestamp(20), Change::Block);
        let third = stop(door, Some(second), Timestamp(30), Change::Revoke(one));
        let fourth = stop(door, Some(third), Timestamp(40), Change::Revoke(two));
        assert_eq!(fourth.grants, [one, two]);
        assert!(fourth.blocked);
        let lifted = stop(door, Some(fourth), Timestamp(50), Change::Unblock);
        assert_eq!((lifted.sequence, lifted.issued, lifted.blocked), (5, Timestamp(50), false));
        assert_eq!(lifted.grants, [one, two]);
    }
}
