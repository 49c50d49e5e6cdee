//! What residents stopped: the list in force, and the next one.

use crate::draft::Draft;
use crate::home::{Home, signer_unknown};
use crate::key;
use crate::text;
use crate::trouble::Trouble;
use protocol::bytes::{GrantId, Hash};
use protocol::key::Software;
use protocol::revocation::Revocation;
use protocol::time::Timestamp;
use protocol::{Claimed, Kid};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// What to stop, or to lift.
#[derive(Debug, Clone, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum Change {
    /// Nobody comes in any more.
    Block,
    /// They may again. Owners only.
    Unblock,
    /// One permission is taken back.
    #[serde(rename_all = "camelCase")]
    Revoke {
        /// Its id.
        grant_id: String,
    },
}

/// What a revocation list stops.
#[derive(Debug, Clone, Serialize, Tsify)]
pub struct StoppedView {
    /// H(revocation), as the door's log names it once the door keeps it.
    pub hash: String,
    /// Nobody comes in.
    pub blocked: bool,
    /// Ids of permissions.
    pub grants: Vec<String>,
}

#[wasm_bindgen]
impl Home {
    /// The next revocation list after `newest`. `kept`: the one that the door's log says it keeps, H(revocation).
    pub fn revocation(
        &self,
        newest: Option<String>,
        kept: Option<String>,
        now_s: f64,
        change: Ts<Change>,
        signer: &str,
    ) -> Result<Draft, Trouble> {
        let newest = newest.map(|envelope| self.checked_list(&envelope, kept.as_deref())).transpose()?;
        let change = match change.to_rust()? {
            Change::Block => drafts::Change::Block,
            Change::Unblock => drafts::Change::Unblock,
            Change::Revoke { grant_id } => {
                drafts::Change::Revoke(text::hex("grantId", GrantId::from_hex, &grant_id)?)
            }
        };
        let newest = newest.map(|(_, list)| list);
        let list = drafts::stop(self.roster().door, newest, Timestamp(seconds(now_s)), change);
        Draft::of(list, &key::read(signer)?)
    }

    /// What a list says: whether the door is blocked, and which permissions were taken back. `kept` as above.
    #[wasm_bindgen(js_name = checkRevocation)]
    pub fn check_revocation(&self, envelope: &str, kept: Option<String>) -> Result<Ts<StoppedView>, Trouble> {
        let (hash, list) = self.checked_list(envelope, kept.as_deref())?;
        let grants = list.grants.iter().map(ToString::to_string).collect();
        Ok(StoppedView { hash: hash.to_string(), blocked: list.blocked, grants }.into_ts()?)
    }
}

impl Home {
    /// A list that a resident of this home signed: one that the cloud made up would lift what a resident stopped. The
    /// list that the door keeps counts by its hash, whoever signed it: that device may have been removed since, and
    /// nobody could stop anything any more.
    fn checked_list(&self, envelope: &str, kept: Option<&str>) -> Result<(Hash, Revocation), Trouble> {
        let claimed = Claimed::<Revocation>::parse(&text::decode("revocation", envelope)?)?;
        let hash = claimed.hash();
        if kept.and_then(Hash::from_hex) == Some(hash) {
            return Ok((hash, claimed.unproven().clone()));
        }
        let kid: Kid = claimed.kid();
        let signer = self.roster().revoker(kid).ok_or_else(signer_unknown)?;
        Ok((hash, claimed.verify(&signer.credential, &Software)?.message().clone()))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time since 1970")]
fn seconds(number: f64) -> u64 {
    number.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::bytes::{DoorId, HomeId};
    use protocol::roster::{Rank, Resident, Roster};
    use protocol::{DeviceKey, Signed, Signer as _};

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_secret(&[n; 32]).unwrap()
    }

    fn home() -> Home {
        let owner = Resident {
            credential: key(4).credential(),
            role: Rank::Owner,
            since: 1,
            name: "phone".into(),
            kem: None,
        };
        let roster = Roster {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            epoch: 1,
            prev: Hash::ZERO,
            door_key: key(2).public(),
            recorder_keys: vec![key(3).public()],
            residents: vec![owner],
            quorum: 1,
            grants_from: 0,
        };
        Home::pinned(vec![text::encode(Signed::sign(roster, &key(4)).unwrap().bytes())]).unwrap()
    }

    /// What a list says is its name, not who signed it: each says something else.
    fn list(by: u8) -> Signed<Revocation> {
        let list = drafts::stop(DoorId([2; 16]), None, Timestamp(by.into()), drafts::Change::Block);
        Signed::sign(list, &key(by)).unwrap()
    }

    #[test]
    fn a_list_counts_by_its_signer_or_because_the_door_keeps_it() {
        let home = home();
        let (own, removed) = (list(4), list(5));
        let check = |list: &Signed<Revocation>, kept: Option<&Signed<Revocation>>| {
            let kept = kept.map(|kept| kept.hash().to_string());
            home.checked_list(&text::encode(list.bytes()), kept.as_deref()).map(|(_, list)| list.blocked)
        };
        assert!(check(&own, None).unwrap());
        assert_eq!(check(&removed, None).unwrap_err().code, "signer_unknown");
        assert_eq!(check(&removed, Some(&own)).unwrap_err().code, "signer_unknown");
        assert!(check(&removed, Some(&removed)).unwrap());
    }
}
