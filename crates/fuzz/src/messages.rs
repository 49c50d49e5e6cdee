//! Messages of the protocol, signed and not, and what people type or scan.

use letterbox::{ShareSecret, Shared};
use minicbor::{Decode, Encode};
use protocol::bytes::{Blob, DoorId};
use protocol::commitment::{Opening, Scan};
use protocol::door_event::Detail;
use protocol::door_log::check_receipt;
use protocol::key::{Passkey, Software};
use protocol::limits::{CHUNK_BYTES_MAX, UPLINK_BYTES_MAX};
use protocol::passkey::Authenticator;
use protocol::uplink::{Downlink, LogEntry, ToCloud};
use protocol::{
    Claimed, Credential, DeviceKey, Hash, Message, PublicKey, Signed, Signer, Verifier, canonical,
};

/// Takes every signature for good, so that what stands behind it is read, too.
pub(crate) struct Credulous;

impl Verifier for Credulous {
    fn verify_p256(&self, _: &PublicKey, _: &[u8], _: &[u8; 64]) -> bool {
        true
    }
}

pub(crate) const KEY: PublicKey = PublicKey { x: [1; 32], y: [2; 32] };

macro_rules! kinds {
    ($($name:literal => $type:ty,)*) => {
        /// Signed types: name, and reader.
        const KINDS: &[(&str, fn(&[u8]) -> bool)] = &[$(($name, read::<$type>),)*];
    };
}

kinds! {
    "answer" => protocol::answer::Answer,
    "arrival" => protocol::arrival::Arrival,
    "assignment" => protocol::assignment::Assignment,
    "challenge" => protocol::challenge::Challenge,
    "confirmation" => protocol::confirmation::Confirmation,
    "delegation" => protocol::delegation::Delegation,
    "door_event" => protocol::door_event::DoorEvent,
    "farewell" => protocol::farewell::Farewell,
    "grant" => protocol::grant::Grant,
    "head" => protocol::head::Head,
    "left" => protocol::left::Left,
    "look" => protocol::look::Look,
    "presentation" => protocol::presentation::Presentation,
    "recording_proof" => protocol::recording_proof::RecordingProof,
    "revocation" => protocol::revocation::Revocation,
    "ring" => protocol::ring::Ring,
    "roster" => protocol::roster::Roster,
    "sign_in" => protocol::sign_in::SignIn,
}

/// The first byte says which slot the rest comes into.
pub(crate) fn signed(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else { return false };
    KINDS[usize::from(*kind) % KINDS.len()].1(bytes)
}

pub(crate) fn kind_of(kind: &str) -> Option<Vec<u8>> {
    let at = KINDS.iter().position(|(name, _)| *name == kind)?;
    Some(vec![u8::try_from(at).ok()?])
}

/// What is read has one encoding, keeps its rules, and is what a signer would have made.
pub(crate) fn read<M: Message>(bytes: &[u8]) -> bool {
    let Ok(claimed) = Claimed::<M>::parse(bytes) else { return false };
    let message = claimed.unproven().clone();
    message.check().expect("what was read keeps the rules");
    let by = Credential::device(KEY);
    Signed::prepare(&message, &by).expect("what was read can be signed");
    let again = Signed::assemble(&message, &by, &[0; 64]).expect("and put together");
    assert_eq!(again.hash(), claimed.hash(), "two encodings of one message");
    assert!(claimed.clone().verify(&by, &Software).is_err(), "signed by a key that is on no curve");
    true
}

/// What goes over the uplink and the media uplink, in both directions.
pub(crate) fn wire(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else { return false };
    match kind % 4 {
        0 => value::<Downlink>(bytes, UPLINK_BYTES_MAX),
        1 => value::<ToCloud>(bytes, UPLINK_BYTES_MAX),
        2 => value::<protocol::media::ToMedia>(bytes, CHUNK_BYTES_MAX),
        _ => value::<protocol::media::FromMedia>(bytes, UPLINK_BYTES_MAX),
    }
}

pub(crate) fn wire_of(kind: &str) -> Option<Vec<u8>> {
    let at = ["downlink", "to_cloud", "to_media", "from_media"].iter().position(|name| *name == kind)?;
    Some(vec![u8::try_from(at).ok()?])
}

fn value<T: for<'b> Decode<'b, ()> + Encode<()>>(bytes: &[u8], limit: usize) -> bool {
    let Ok(value) = canonical::decode::<T>(bytes, limit) else { return false };
    assert_eq!(canonical::encode(&value), bytes);
    true
}

pub(crate) fn detail(bytes: &[u8]) -> bool {
    Detail::read(bytes).is_ok()
}

/// A receipt, whose events a credulous reader takes for the door's.
pub(crate) fn door_log(bytes: &[u8]) -> bool {
    let Ok(entries) = canonical::decode::<Vec<LogEntry>>(bytes, UPLINK_BYTES_MAX) else { return false };
    let first = entries
        .first()
        .and_then(|entry| Claimed::<protocol::door_event::DoorEvent>::parse(&entry.event.0).ok());
    let door = first.map_or(DoorId([0; 16]), |event| event.unproven().door);
    let _ = check_receipt(door, KEY, &entries, &Credulous);
    true
}

pub(crate) fn opening(bytes: &[u8]) -> bool {
    // Whether its scan is in normal form, the presentation around it asks.
    value::<Opening>(bytes, 256)
}

/// What a camera read from a label: its normal form is one.
pub(crate) fn label(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Some(scan) = Scan::from_label(text) else { return false };
    assert!(scan.is_normal());
    true
}

fn farewell() -> protocol::farewell::Farewell {
    let visit = protocol::bytes::VisitId([2; 16]);
    protocol::farewell::Farewell { door: DoorId([1; 16]), visit, parcels: 1 }
}

fn authenticator() -> Authenticator {
    Authenticator {
        key: DeviceKey::from_secret(&[5; 32]).expect("a scalar"),
        binding: Passkey {
            rp_id: "home.example".into(),
            origin: "https://home.example".into(),
            backup_eligible: true,
        },
    }
}

/// The signature field of a passkey. Only this authenticator's own is right; a credulous reader sees to the rest.
pub(crate) fn passkey(bytes: &[u8]) -> bool {
    let by = authenticator().credential();
    let Ok(claimed) = Signed::assemble(&farewell(), &by, bytes) else { return false };
    claimed.verify(&by, &Credulous).is_ok()
}

pub(crate) fn assertion() -> Vec<Vec<u8>> {
    let authenticator = authenticator();
    let to_be_signed = Signed::prepare(&farewell(), &authenticator.credential()).expect("well-formed");
    vec![authenticator.sign(&to_be_signed)]
}

const LINK: ShareSecret = ShareSecret([7; 16]);

/// What a link to a recording opens.
pub(crate) fn letter(bytes: &[u8]) -> bool {
    LINK.open(bytes).is_ok()
}

pub(crate) fn letters() -> Vec<Vec<u8>> {
    let keys = vec![Blob(vec![1; 32])];
    let (by, manifest) = ("phone".into(), Hash([3; 32]));
    vec![LINK.seal([4; 12], &Shared { recorders: vec![KEY], manifest, keys, by, until_ms: 1 })]
}
