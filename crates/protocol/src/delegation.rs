//! A delegation: a provider's root key names a working key, so that keys rotate without ending any grant.

use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::key::PublicKey;
use crate::time::Window;
use minicbor::{Decode, Encode};

/// Signed by `root`. Homes know a root by its thumbprint, so the key itself travels here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Delegation {
    /// The provider's root key.
    #[n(0)]
    pub root: PublicKey,
    /// The key that signs assignments.
    #[n(1)]
    pub key: PublicKey,
    /// When the working key counts.
    #[n(2)]
    pub window: Window,
}

impl Message for Delegation {
    const TYPE: &'static str = "delegation";

    fn check(&self) -> Result<(), Malformed> {
        self.window.check()
    }
}
