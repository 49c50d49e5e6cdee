//! A home's roster as proof for others: in which form it goes into a delivery folder.

use crate::home::Home;
use crate::text;
use crate::trouble::Trouble;
use protocol::grant::Grant;
use protocol::key::Software;
use protocol::roster::Roster;
use protocol::{Claimed, canonical};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Home {
    /// The envelope that an owner in this roster signed; none after a hand-over, or when the sheet took the home over.
    #[wasm_bindgen(js_name = ownerSigned)]
    pub fn owner_signed(&self) -> Option<Vec<u8>> {
        let by_owner = |one: &[u8]| {
            let claimed = Claimed::<Roster>::parse(one).ok()?;
            let owner = self.roster().owner(claimed.kid())?;
            let signed = claimed.verify(&owner.credential, &Software).ok()?;
            (signed.hash() == self.hash()).then(|| one.to_vec())
        };
        self.kept_envelopes().iter().find_map(|one| by_owner(&one.0))
    }

    /// The roster without an envelope: H of these bytes is what the door's log names when it is kept.
    pub fn message(&self) -> Vec<u8> {
        canonical::encode(self.roster())
    }

    /// Whether somebody in this roster signed the permission and may.
    pub fn permitted(&self, grant: &str) -> Result<bool, Trouble> {
        let claimed = Claimed::<Grant>::parse(&text::decode("grant", grant)?)?;
        let Some(signer) = self.roster().grantor(claimed.kid()) else { return Ok(false) };
        Ok(claimed.verify(&signer.credential, &Software).is_ok())
    }
}
