//! Signing in to a cloud: everyone proves a key over the cloud's nonce. There are no passwords.

use crate::bytes::Nonce;
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::check_name;
use alloc::string::String;
use minicbor::{Decode, Encode};

/// Who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// A home's hub, with the door key.
    #[n(0)]
    Door,
    /// A home's recorder.
    #[n(1)]
    Recorder,
    /// A resident's device.
    #[n(2)]
    Resident,
    /// A visitor's handset.
    #[n(3)]
    Visitor,
    /// A provider's root or working key.
    #[n(4)]
    Provider,
    /// The operator of the cloud.
    #[n(5)]
    Operator,
}

/// Signed by the key that signs in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignIn {
    /// Name of the cloud, so that one cloud cannot sign in at another.
    #[n(0)]
    pub audience: String,
    /// The cloud's nonce.
    #[n(1)]
    pub nonce: Nonce,
    /// In which role.
    #[n(2)]
    pub role: Role,
}

impl Message for SignIn {
    const TYPE: &'static str = "sign_in";

    fn check(&self) -> Result<(), Malformed> {
        check_name(&self.audience)
    }
}
