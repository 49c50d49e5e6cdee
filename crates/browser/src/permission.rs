//! Permissions: the letter before it is signed, and the grant after.

use crate::draft::Draft;
use crate::home::{Home, signer_unknown};
use crate::key;
use crate::letter::Letter;
use crate::letters::AskedCard;
use crate::text;
use crate::trouble::Trouble;
use drafts::Wish;
use protocol::bytes::{GrantId, Hash};
use protocol::commitment::Commitment;
use protocol::grant::{Errand, Grant, Grantee, Occupied};
use protocol::key::Software;
use protocol::time::{Timestamp, Window};
use protocol::{Claimed, Kid};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// A consignment that waits, as the cloud's JSON has it.
#[derive(Debug, Clone, Deserialize, Tsify)]
pub struct Announced {
    /// Root key of the provider.
    pub provider: String,
    /// What it calls itself.
    pub provider_name: String,
    /// `delivery`, `pickup`, `cleaning`, ...
    pub service: String,
    /// What a grant must name.
    pub commitments: Vec<String>,
    /// When.
    pub window: Span,
}

/// Seconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize, Tsify)]
pub struct Span {
    /// First second inside.
    pub from: u64,
    /// First second after.
    pub until: u64,
}

/// When, how often, and on which terms: what a person decides. What is left out stays as is usual for the errand.
#[derive(Debug, Clone, Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct Terms {
    /// Ascending, not overlapping. Empty: the consignment's own.
    pub windows: Vec<Span>,
    /// Visits in one window.
    #[tsify(optional)]
    pub uses_per_window: Option<u32>,
    /// Seconds that the door may stand open.
    #[tsify(optional)]
    pub door_open_s: Option<u32>,
    /// What happens when someone is home.
    #[tsify(optional, type = "'ask' | 'refuse' | 'allow'")]
    pub occupied: Option<String>,
    /// Seconds that the home must have held an order before it counts.
    #[tsify(optional)]
    pub notice_s: Option<u32>,
}

/// A grant whose signature was checked.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// H(grant).
    pub hash: String,
    /// Its terms.
    pub letter: Letter,
    /// Who signed, by the roster.
    pub signer_name: String,
    /// With which key.
    pub signer: String,
    /// A re-key ended it: no door that keeps this roster takes it any more.
    pub ended: bool,
    /// Root key of the provider, as consignments name it; none for a guest.
    pub provider: Option<String>,
    /// The consignments that it names; none if it is for a service.
    pub commitments: Vec<String>,
}

#[wasm_bindgen]
impl Home {
    /// A permission for a consignment: these parcels, once. `id` are 16 random bytes.
    pub fn once(
        &self,
        announced: Ts<Announced>,
        terms: Ts<Terms>,
        id: &[u8],
        signer: &str,
    ) -> Result<Draft, Trouble> {
        let announced = announced.to_rust()?;
        let parcels = announced
            .commitments
            .iter()
            .map(|text| text::hex("commitments", Hash::from_hex, text).map(Commitment))
            .collect::<Result<_, _>>()?;
        let window = window(&announced.window);
        let wish = Wish::parcels(announced.root()?, announced.provider_name, parcels, window);
        self.permit(wish, terms.to_rust()?, id, signer)
    }

    /// A standing permission for everything of its kind from the provider of a consignment. `id` are 16 random bytes.
    pub fn always(
        &self,
        announced: Ts<Announced>,
        terms: Ts<Terms>,
        id: &[u8],
        signer: &str,
    ) -> Result<Draft, Trouble> {
        let (announced, terms) = (announced.to_rust()?, terms.to_rust()?);
        let windows = vec![window(&announced.window)];
        let root = announced.root()?;
        let wish = Wish::always(root, announced.provider_name, announced.service, windows, 1);
        self.permit(wish, terms, id, signer)
    }

    /// A permission for a guest, by the device key on their card; `name` is what the resident calls them. `id` are 16
    /// random bytes.
    pub fn guest(
        &self,
        card: &AskedCard,
        name: String,
        terms: Ts<Terms>,
        id: &[u8],
        signer: &str,
    ) -> Result<Draft, Trouble> {
        let wish = Wish::guest(card.card().device.clone(), name, vec![], 1);
        self.permit(wish, terms.to_rust()?, id, signer)
    }

    /// H(grant), if nobody who is in the roster may have signed it: no door that keeps this roster takes it, whatever it
    /// says.
    pub fn orphaned(&self, envelope: &str) -> Result<Option<String>, Trouble> {
        let claimed = Claimed::<Grant>::parse(&text::decode("grant", envelope)?)?;
        Ok(self.roster().grantor(claimed.kid()).is_none().then(|| claimed.hash().to_string()))
    }

    /// Checks a grant against this home's keys.
    #[wasm_bindgen(js_name = checkGrant)]
    pub fn check_grant(&self, envelope: &str) -> Result<Ts<Signed>, Trouble> {
        let claimed = Claimed::<Grant>::parse(&text::decode("grant", envelope)?)?;
        let claimed_by = claimed.kid();
        let signer = self.roster().grantor(claimed_by).ok_or_else(signer_unknown)?;
        let signed = claimed.verify(&signer.credential, &Software)?;
        let provider = match &signed.message().to {
            Grantee::Provider { root, .. } => Some(root.to_string()),
            Grantee::Holder { .. } => None,
        };
        let commitments = match &signed.message().errand {
            Errand::Consignments(list) => list.iter().map(|one| one.0.to_string()).collect(),
            Errand::Service(_) => Vec::new(),
        };
        let signed = Signed {
            hash: signed.hash().to_string(),
            letter: Letter::of(signed.message()),
            signer_name: signer.name.clone(),
            signer: claimed_by.to_string(),
            ended: !self.roster().epochs_of(signer).contains(&signed.message().roster_epoch),
            provider,
            commitments,
        };
        Ok(signed.into_ts()?)
    }
}

impl Home {
    fn permit(&self, wish: Wish, terms: Terms, id: &[u8], signer: &str) -> Result<Draft, Trouble> {
        let wish = terms.applied(wish)?;
        let grant = wish.grant(self.roster(), GrantId(text::random("id", id)?));
        Draft::of(grant, &key::read(signer)?)
    }
}

impl Announced {
    fn root(&self) -> Result<Kid, Trouble> {
        text::hex("provider", Kid::from_hex, &self.provider)
    }
}

impl Terms {
    /// What the person decided, over what is usual.
    fn applied(self, usual: Wish) -> Result<Wish, Trouble> {
        let mut wish = usual;
        if !self.windows.is_empty() {
            wish.windows = self.windows.iter().map(window).collect();
        }
        if let Some(each) = self.uses_per_window {
            wish.uses_per_window = each;
        }
        if let Some(seconds) = self.door_open_s {
            wish.door_open_s = seconds;
        }
        if let Some(seconds) = self.notice_s {
            wish.notice_s = seconds;
        }
        wish.occupied = match self.occupied.as_deref() {
            None => wish.occupied,
            Some("ask") => Occupied::Ask,
            Some("refuse") => Occupied::Refuse,
            Some("allow") => Occupied::Allow,
            Some(_) => return Err(Trouble::argument("occupied", "is ask, refuse or allow")),
        };
        Ok(wish)
    }
}

fn window(span: &Span) -> Window {
    Window { from: Timestamp(span.from), until: Timestamp(span.until) }
}
