//! A link to one recording, for both ends of it.

use crate::clip::{ClipMaker, Made};
use crate::home::Home;
use crate::text::{self, number};
use crate::trouble::Trouble;
use letterbox::{ShareSecret, Shared};
use protocol::Claimed;
use protocol::bytes::Blob;
use recording::{Manifest, PartKey};
use wasm_bindgen::prelude::wasm_bindgen;

/// One link.
#[wasm_bindgen]
pub struct ShareLink(ShareSecret);

/// What a link opened: takes the parts of the recording, in their order.
#[wasm_bindgen]
pub struct SharedClip {
    shared: Shared,
    maker: ClipMaker,
    parts: usize,
}

#[wasm_bindgen]
impl ShareLink {
    /// From the link's secret: 16 bytes as base64url.
    #[wasm_bindgen(constructor)]
    pub fn new(secret: &str) -> Result<Self, Trouble> {
        let link = |_| Trouble::new("link_damaged", "the link is not complete; copy all of it");
        let bytes = text::decode("secret", secret).map_err(link)?;
        Ok(Self(ShareSecret(text::random("secret", &bytes).map_err(link)?)))
    }

    /// The share's number in the cloud's paths.
    #[wasm_bindgen(getter)]
    pub fn number(&self) -> String {
        self.0.number()
    }

    /// Seals the keys of all parts, 32 bytes each, end to end. `nonce` are 12 random bytes.
    pub fn seal(
        &self,
        nonce: &[u8],
        home: &Home,
        manifest: &str,
        keys: &[u8],
        by: String,
        until_s: u32,
    ) -> Result<String, Trouble> {
        let manifest = Claimed::<Manifest>::parse(&text::decode("manifest", manifest)?)?.hash();
        let shared = Shared {
            recorders: home.roster().recorder_keys.clone(),
            manifest,
            keys: keys.chunks(32).map(|key| Blob(key.to_vec())).collect(),
            by,
            until_ms: u64::from(until_s) * 1_000,
        };
        Ok(text::encode(&self.0.seal(text::random("nonce", nonce)?, &shared)))
    }

    /// Opens what the maker sealed.
    pub fn open(&self, sealed: &str) -> Result<SharedClip, Trouble> {
        let shared = self.0.open(&text::decode("sealed", sealed)?);
        let shared = shared.map_err(|why| Trouble::new("share_unreadable", why))?;
        let maker = ClipMaker::by(shared.recorders.clone());
        Ok(SharedClip { shared, maker, parts: 0 })
    }
}

#[wasm_bindgen]
impl SharedClip {
    /// What the maker's device is called, in the maker's words.
    #[wasm_bindgen(getter)]
    pub fn by(&self) -> String {
        self.shared.by.clone()
    }

    /// Until when the maker meant it, ms since 1970.
    #[wasm_bindgen(getter, js_name = untilMs)]
    pub fn until_ms(&self) -> f64 {
        number(self.shared.until_ms)
    }

    /// The next part: its header, the sealed chunks end to end, and how long each is.
    pub fn part(&mut self, header: &str, sealed: &[u8], lengths: &[u32]) -> Result<(), Trouble> {
        let none = || Trouble::new("part_missing", "the link has no key for this part");
        let key = self.shared.keys.get(self.parts).ok_or_else(none)?;
        let key = PartKey::from_bytes(text::random("key", &key.0)?);
        self.maker.take(header, sealed, lengths)?;
        self.maker.put_key(key)?;
        self.parts += 1;
        Ok(())
    }

    /// Checks that it is the recording that was shared, and everything against its signed manifest; writes the clip.
    pub fn finish(self, manifest: &str) -> Result<Made, Trouble> {
        let claimed = Claimed::<Manifest>::parse(&text::decode("manifest", manifest)?)?;
        if claimed.hash() != self.shared.manifest {
            return Err(Trouble::new(
                "share_other",
                "the cloud sent another recording than the one that was shared",
            ));
        }
        self.maker.finish(manifest)
    }
}
