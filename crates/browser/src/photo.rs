//! The photo of where a parcel was left: sealed on a handset, opened on a resident's device.

use crate::handset::Errands;
use crate::home::Home;
use crate::text;
use crate::trouble::Trouble;
use crate::watch::Wrapped;
use protocol::Claimed;
use protocol::left::{Left, photo_hash};
use recording::photo::{self, Photo};
use recording::{PartKey, jpeg};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Errands {
    /// Seals a JPEG to the keys that the cloud's tour names for this stop, without anything in it that is not the picture.
    /// `entropy` are 32 random bytes.
    #[wasm_bindgen(js_name = sealPhoto)]
    pub fn seal_photo(&self, picture: &[u8], keys: Vec<String>, entropy: &[u8]) -> Result<Vec<u8>, Trouble> {
        let (keys, entropy) = (text::decode_all("keys", &keys)?, text::random("entropy", entropy)?);
        Ok(Photo::seal(self.door(), self.assignment_hash()?, picture, &keys, &entropy)?)
    }
}

/// The thumbprint of an HPKE key (uncompressed SEC1), in hexadecimal: as recipients of a photo are named.
#[wasm_bindgen(js_name = openerOf)]
pub fn opener_of(kem: &[u8]) -> Result<String, Trouble> {
    let kid = photo::kid_of(kem).ok_or_else(|| Trouble::argument("kem", "is no key"))?;
    Ok(kid.to_string())
}

/// The picture alone, without position, time and whatever else a camera writes beside it.
#[wasm_bindgen(js_name = barePhoto)]
pub fn bare_photo(picture: &[u8]) -> Result<Vec<u8>, Trouble> {
    jpeg::bare(picture).ok_or_else(|| recording::PhotoError::NotAPhoto.into())
}

#[wasm_bindgen]
impl Home {
    /// Thumbprints of the keys to which this household's recordings are wrapped, in hexadecimal.
    pub fn openers(&self) -> Vec<String> {
        let kems = self.roster().residents.iter().filter_map(|resident| resident.kem.as_ref());
        kems.filter_map(|kem| photo::kid_of(&kem.0)).map(|kid| kid.to_string()).collect()
    }
}

/// A sealed photo that a report names.
#[wasm_bindgen]
pub struct SealedPhoto(Photo);

#[wasm_bindgen]
impl SealedPhoto {
    /// `left` is the report that names it: of another photo, or of another stop, none is taken.
    #[wasm_bindgen(constructor)]
    pub fn new(left: &str, sealed: &[u8]) -> Result<Self, Trouble> {
        let claimed = Claimed::<Left>::parse(&text::decode("left", left)?)?;
        let said = claimed.unproven();
        let other = || Trouble::new("photo_other", "the cloud sent another photo than the courier signed");
        if said.photo != Some(photo_hash(sealed)) {
            return Err(other());
        }
        let photo = Photo::parse(sealed)?;
        if photo.door != said.door || photo.assignment != said.assignment {
            return Err(other());
        }
        Ok(Self(photo))
    }

    /// Thumbprints of the keys that open it, in hexadecimal.
    pub fn recipients(&self) -> Vec<String> {
        self.0.keys.iter().map(|copy| copy.kid.to_string()).collect()
    }

    /// The copy of the key for the holder of `kem` (uncompressed SEC1), for whoever keeps that key's secret.
    pub fn wrapped(&self, kem: &[u8]) -> Result<Wrapped, Trouble> {
        Ok(self.0.copy_for(kem)?.into())
    }

    /// The JPEG.
    pub fn open(&self, key: &[u8]) -> Result<Vec<u8>, Trouble> {
        Ok(self.0.open(&PartKey::from_bytes(text::random("key", key)?))?)
    }
}
