//! Signed messages that must be accepted: every type, both kinds of signer, and forms that look odd but are right.

use super::cast::*;
use super::{Vector, hex, payload, protected, seal, sig_structure, signed_vector};
use p256::ecdsa::Signature;
use protocol::bytes::GrantId;
use protocol::grant::{Errand, Grant};
use protocol::head::Head;
use protocol::left::{Left, Rung};
use protocol::passkey::{challenge as webauthn_challenge, client_data_prefix};
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::sign_in::{Role, SignIn};
use protocol::time::{Timestamp, Window};
use protocol::{Message, Signer};

pub(super) fn all() -> Vec<Vector> {
    [papers(), limits(), at_the_door(), home(), passkeys()].concat()
}

fn good<M: Message>(name: &str, sentence: &str, message: &M, signer: &dyn Signer) -> Vector {
    accepted(name, sentence, message, signer, &seal(M::TYPE, &payload(message), signer))
}

fn accepted<M: Message>(
    name: &str,
    sentence: &str,
    message: &M,
    signer: &dyn Signer,
    bytes: &[u8],
) -> Vector {
    let credential = signer.credential();
    let header = protected(credential.algorithm(), credential.kid());
    let aad = format!("vestibule/1/{}", M::TYPE);
    Vector {
        hash: Some(h(message).to_string()),
        kid: Some(credential.kid().to_string()),
        to_be_signed: Some(hex(&sig_structure("Signature1", &header, &aad, &payload(message)))),
        ..signed_vector(name, sentence, M::TYPE, "ok", bytes, &credential)
    }
}

fn papers() -> Vec<Vector> {
    vec![
        good(
            "grant-delivery",
            "A resident's phone lets a carrier bring two named parcels once.",
            &delivery_grant(),
            &owner(),
        ),
        good(
            "grant-cleaning",
            "A standing grant for a service: four windows, people go inside, a fresh revocation list is demanded.",
            &cleaning_grant(),
            &owner(),
        ),
        good(
            "grant-guest",
            "A guest is named by the key of their own phone; no assignment is needed.",
            &guest_grant(guest().credential()),
            &member(),
        ),
        good(
            "grant-guest-passkey",
            "A guest may hold a passkey; its binding stands in the grant.",
            &guest_grant(guest_passkey().credential()),
            &owner(),
        ),
        good("delegation", "A provider's root names a working key for 30 days.", &delegation(), &root()),
        good(
            "assignment",
            "The working key says whose handset carries which parcels.",
            &assignment(),
            &working(),
        ),
    ]
}

fn limits() -> Vec<Vector> {
    const DAY_S: u64 = 86_400;
    let widest = Grant { windows: vec![window(0, 92 * DAY_S)], ..delivery_grant() };
    let daily = Grant {
        windows: (0..128).map(|n| window(n * DAY_S / 2, n * DAY_S / 2 + 3_600)).collect(),
        uses: 128,
        ..cleaning_grant()
    };
    let touching = Grant { windows: vec![window(0, 60), window(60, 120)], ..delivery_grant() };
    let longest_name = Grant { errand: Errand::Service("ä".repeat(32)), ..cleaning_grant() };
    let far = Grant {
        windows: vec![Window { from: Timestamp(u64::MAX - 1), until: Timestamp(u64::MAX) }],
        ..delivery_grant()
    };
    vec![
        good("grant-span-92-days", "One window of exactly 92 days is the widest grant.", &widest, &owner()),
        good("grant-128-windows", "128 windows are the most, and still fit one message.", &daily, &owner()),
        good(
            "grant-windows-touch",
            "A window may begin in the second in which another ends.",
            &touching,
            &owner(),
        ),
        good(
            "grant-name-64-bytes",
            "Names are measured in bytes of UTF-8: 32 letters of two bytes.",
            &longest_name,
            &owner(),
        ),
        good("grant-64-bit-time", "Times are unsigned 64-bit integers.", &far, &owner()),
    ]
}

fn at_the_door() -> Vec<Vector> {
    let guest_paper = h(&guest_grant(guest().credential()));
    let guest_arrival = protocol::arrival::Arrival { grant: guest_paper, assignment: None, ..arrival() };
    let guest_presentation =
        Presentation { grant: guest_paper, assignment: None, opens: vec![], ..presentation() };
    vec![
        good("arrival", "The courier's handset says that it is here.", &arrival(), &handset()),
        good(
            "arrival-guest",
            "A guest arrives without an assignment; the absent field is left out.",
            &guest_arrival,
            &guest(),
        ),
        good("ring", "The courier rings: no permission carries the errand yet.", &ring(), &handset()),
        good(
            "confirmation",
            "A second device of the home says that a pending grant is meant.",
            &confirmation(),
            &member(),
        ),
        good(
            "challenge",
            "The door answers with a fresh nonce and the head of its log.",
            &challenge(),
            &door(),
        ),
        good(
            "presentation",
            "The handset opens both errands under this challenge.",
            &presentation(),
            &handset(),
        ),
        good(
            "presentation-guest",
            "A guest presents no scans; the empty list stays.",
            &guest_presentation,
            &guest(),
        ),
        good(
            "recording-proof",
            "The recorder vouches for the recording, for this challenge.",
            &recording_proof(),
            &recorder(),
        ),
        good("farewell", "The handset says that two parcels are inside.", &farewell(), &handset()),
        good("left", "The door said no, and the handset says that a neighbour has it.", &left(), &handset()),
        good(
            "left-without-visit",
            "A stop that was not possible: nobody arrived, and the absent field is left out.",
            &Left { visit: None, rung: Rung::Again, ..left() },
            &handset(),
        ),
        good(
            "left-with-photo",
            "In the locker, with a photo: the hash names it, and so to whom it was sealed.",
            &Left { rung: Rung::Locker, photo: Some(PHOTO), ..left() },
            &handset(),
        ),
        good("answer", "A resident is on the way.", &answer(), &member()),
        good("look", "A flatmate looks into the hallway.", &look(), &member()),
    ]
}

fn home() -> Vec<Vector> {
    let empty =
        Revocation { sequence: 1, grants: vec![], providers: vec![], devices: vec![], ..revocation() };
    let blocked = Revocation { blocked: true, ..revocation() };
    let unknown = Head { secured: None, ..head() };
    let many = Revocation {
        grants: (0..32).map(|n| GrantId([n; 16])).collect(),
        providers: (0..32).map(numbered_kid).collect(),
        devices: (0..32).map(numbered_kid).collect(),
        ..revocation()
    };
    vec![
        good("door-event-first", "The first event of a log has no predecessor.", &first_event(), &door()),
        good("door-event-second", "Every other event names the one before.", &second_event(), &door()),
        good(
            "revocation",
            "Two grants, a provider's key and a visitor's device no longer count.",
            &revocation(),
            &member(),
        ),
        good("revocation-empty", "The first list may be empty.", &empty, &owner()),
        good("revocation-blocked", "The resident stops every visit.", &blocked, &owner()),
        good("revocation-32-of-each", "The longest list still fits one message.", &many, &owner()),
        good(
            "roster-first",
            "The first roster: two owners' keys, a member, a recovery key.",
            &roster(),
            &owner(),
        ),
        good(
            "roster-second",
            "A member's phone left and a tablet came; signed by an owner of the first.",
            &second_roster(),
            &owner(),
        ),
        good(
            "roster-companion",
            "A browser's companion key is in the roster, with a key for recordings: it watches.",
            &companion_roster(),
            &owner(),
        ),
        good("head", "The door says how far its log reaches, over a resident's nonce.", &head(), &door()),
        good(
            "head-unknown",
            "Whether the door is secured is left out when the sensors do not say.",
            &unknown,
            &door(),
        ),
        good("sign-in", "The door proves its key to a cloud.", &sign_in(), &door()),
        good(
            "sign-in-companion",
            "A companion key signs in as a resident.",
            &SignIn { role: Role::Resident, ..sign_in() },
            &companion(),
        ),
    ]
}

fn passkeys() -> Vec<Vector> {
    let grant = delivery_grant();
    let signer = owner_passkey();
    let credential = signer.credential();
    let header = protected(credential.algorithm(), credential.kid());
    let bytes = payload(&grant);
    let to_be_signed = sig_structure("Signature1", &header, "vestibule/1/grant", &bytes);
    let prefix = client_data_prefix(&webauthn_challenge(&to_be_signed), "https://home.example");
    let with = |name: &str, sentence: &str, field: &[u8]| {
        accepted(name, sentence, &grant, &signer, &super::envelope(&header, &bytes, field))
    };
    let extra = format!(
        r#"{prefix},"other_keys_can_be_added_here":"do not compare clientDataJSON against a template"}}"#
    );
    vec![
        good("passkey-grant", "A passkey signs a grant.", &grant, &signer),
        good(
            "passkey-presentation",
            "A visitor's passkey signs a presentation.",
            &presentation(),
            &guest_passkey(),
        ),
        with(
            "passkey-extra-member",
            "Browsers add members after crossOrigin; the prefix decides.",
            &signer.assert(0x0d, extra.as_bytes()),
        ),
        with(
            "passkey-backed-up",
            "Flag BS is set: the passkey is synced. BE is set too, as enrolled.",
            &signer.assert(0x1d, format!("{prefix}}}").as_bytes()),
        ),
        with(
            "passkey-high-s",
            "Authenticators do not promise a low s; both are accepted.",
            &high_s_assertion(&signer.assert(0x0d, format!("{prefix}}}").as_bytes())),
        ),
        high_s_device(),
    ]
}

fn high_s_device() -> Vector {
    let (grant, signer) = (delivery_grant(), owner());
    let header = protected(-9, signer.kid());
    let bytes = payload(&grant);
    let low = signer.sign_raw(&sig_structure("Signature1", &header, "vestibule/1/grant", &bytes));
    let high: [u8; 64] = high_s(&Signature::from_slice(&low).expect("just signed")).to_bytes().into();
    accepted(
        "grant-high-s",
        "Half of the signatures of WebCrypto have a high s; the hash of the message stays the same.",
        &grant,
        &signer,
        &super::envelope(&header, &bytes, &high),
    )
}

fn high_s_assertion(field: &[u8]) -> Vec<u8> {
    let mut assertion: protocol::passkey::Assertion = minicbor::decode(field).expect("just made");
    let low = Signature::from_der(&assertion.signature.0).expect("just signed");
    assertion.signature.0 = high_s(&low).to_der().as_bytes().to_vec();
    protocol::canonical::encode(&assertion)
}

fn high_s(low: &Signature) -> Signature {
    let (r, s) = low.split_scalars();
    Signature::from_scalars(*r, -*s).expect("the negated scalar is not zero")
}
