//! Payloads that must be refused although they are properly signed: other encodings, other shapes.

use super::cast::*;
use super::{Vector, cbor, payload, seal, signed_vector};
use minicbor::data::{Int, Tag};
use protocol::Signer;

pub(super) fn all() -> Vec<Vector> {
    [encodings(), shapes(), nested(), elsewhere()].concat()
}

const CANONICAL: &str = "malformed:not_canonical";
const SHAPE: &str = "malformed:shape";

fn bad(name: &str, sentence: &str, expected: &str, cddl: &str, payload: &[u8]) -> Vector {
    in_type("farewell", name, sentence, expected, cddl, payload, &handset())
}

fn in_type(
    kind: &str,
    name: &str,
    sentence: &str,
    expected: &str,
    cddl: &str,
    payload: &[u8],
    signer: &dyn Signer,
) -> Vector {
    let bytes = seal(kind, payload, signer);
    Vector {
        cddl: Some(cddl.into()),
        ..signed_vector(&format!("payload-{name}"), sentence, kind, expected, &bytes, &signer.credential())
    }
}

/// A farewell is the smallest message with three fields: `{0: door, 1: visit, 2: parcels}`.
fn encodings() -> Vec<Vector> {
    let (door, visit) = (DOOR.0, VISIT.0);
    let right = payload(&farewell());
    let head = right.get(..right.len() - 1).unwrap_or_default();
    let body = right.get(1..).unwrap_or_default();
    let unordered = cbor(|e| e.map(3)?.u8(1)?.bytes(&visit)?.u8(0)?.bytes(&door)?.u8(2)?.u8(2)?.ok());
    let twice =
        cbor(|e| e.map(4)?.u8(0)?.bytes(&door)?.u8(1)?.bytes(&visit)?.u8(2)?.u8(2)?.u8(2)?.u8(2)?.ok());
    let unknown =
        cbor(|e| e.map(4)?.u8(0)?.bytes(&door)?.u8(1)?.bytes(&visit)?.u8(2)?.u8(2)?.u8(3)?.u8(9)?.ok());
    let long_bytes = cbor(|e| e.map(3)?.u8(0)?.bytes(&door)?.u8(1)?.ok());
    let long_bytes = [&long_bytes[..], &[0x58, 0x10], &visit[..], &[0x02, 0x02]].concat();
    let pieces = cbor(|e| e.map(3)?.u8(0)?.bytes(&door)?.u8(1)?.ok());
    let pieces =
        [&pieces[..], &[0x5f, 0x48], &visit[..8], &[0x48], &visit[8..], &[0xff, 0x02, 0x02]].concat();
    vec![
        bad(
            "integer-not-minimal",
            "The count 2 is written in two bytes.",
            CANONICAL,
            "cannot",
            &[head, &[0x18, 0x02]].concat(),
        ),
        bad(
            "integer-64-bit",
            "The count 2 is written in nine bytes.",
            CANONICAL,
            "cannot",
            &[head, &[0x1b, 0, 0, 0, 0, 0, 0, 0, 2]].concat(),
        ),
        bad(
            "key-not-minimal",
            "The first key 0 is written in two bytes.",
            CANONICAL,
            "cannot",
            &[&[0xa3, 0x18], body].concat(),
        ),
        bad(
            "bytes-length-not-minimal",
            "A length of 16 is written in two bytes.",
            CANONICAL,
            "cannot",
            &long_bytes,
        ),
        bad(
            "map-length-not-minimal",
            "The map's length is written in two bytes.",
            CANONICAL,
            "cannot",
            &[&[0xb8, 0x03], body].concat(),
        ),
        bad(
            "indefinite-map",
            "The map has no length and ends in a break.",
            CANONICAL,
            "cannot",
            &[&[0xbf], body, &[0xff]].concat(),
        ),
        bad("indefinite-bytes", "An identifier comes in two pieces.", SHAPE, "cannot", &pieces),
        bad("unordered-keys", "Key 1 comes before key 0.", CANONICAL, "cannot", &unordered),
        bad("duplicate-key", "Key 2 comes twice.", CANONICAL, "cannot", &twice),
        bad("unknown-key", "There is a key 3.", CANONICAL, "refuses", &unknown),
        bad(
            "trailing-byte",
            "A byte follows the message inside the signed payload.",
            "malformed:trailing_bytes",
            "cannot",
            &[&right[..], &[0]].concat(),
        ),
    ]
}

fn shapes() -> Vec<Vector> {
    let (door, visit) = (DOOR.0, VISIT.0);
    let start = cbor(|e| e.map(3)?.u8(0)?.bytes(&door)?.u8(1)?.bytes(&visit)?.u8(2)?.ok());
    let with = |tail: &[u8]| [&start[..], tail].concat();
    let missing = cbor(|e| e.map(2)?.u8(0)?.bytes(&door)?.u8(1)?.bytes(&visit)?.ok());
    let array = cbor(|e| e.array(3)?.bytes(&door)?.bytes(&visit)?.u8(2)?.ok());
    let text_keys = cbor(|e| {
        e.map(3)?.str("door")?.bytes(&door)?.str("visit")?.bytes(&visit)?.str("parcels")?.u8(2)?.ok()
    });
    let short = cbor(|e| e.map(3)?.u8(0)?.bytes(&door[..15])?.u8(1)?.bytes(&visit)?.u8(2)?.u8(2)?.ok());
    let text_id =
        cbor(|e| e.map(3)?.u8(0)?.str("0123456789abcdef")?.u8(1)?.bytes(&visit)?.u8(2)?.u8(2)?.ok());
    let too_large = cbor(|e| e.int(Int::from(1_u64 << 32))?.ok());
    let tagged = cbor(|e| e.tag(Tag::new(61))?.ok());
    let ring_for_nothing = payload(&ring()).get(1..payload(&ring()).len() - 35).unwrap_or_default().to_vec();
    let explicit_null =
        [&[0xa5][..], payload(&guest_arrival()).get(1..).unwrap_or_default(), &[0x04, 0xf6]].concat();
    vec![
        bad("missing-key", "The count is missing.", SHAPE, "refuses", &missing),
        bad("array-for-map", "The fields stand in an array.", SHAPE, "refuses", &array),
        bad("text-keys", "The keys are names.", SHAPE, "refuses", &text_keys),
        bad("short-identifier", "The door has 15 bytes.", SHAPE, "refuses", &short),
        bad("text-for-bytes", "The door is text.", SHAPE, "refuses", &text_id),
        bad("negative-count", "The count is -1.", SHAPE, "refuses", &with(&[0x20])),
        bad("float-count", "The count is the float 2.0.", SHAPE, "refuses", &with(&[0xf9, 0x40, 0x00])),
        bad("count-over-32-bits", "The count needs 33 bits.", SHAPE, "refuses", &with(&too_large)),
        bad("null-count", "The count is null.", SHAPE, "refuses", &with(&[0xf6])),
        bad(
            "tagged-message",
            "The message carries the tag of a CWT.",
            SHAPE,
            "refuses",
            &[&tagged[..], &payload(&farewell())].concat(),
        ),
        bad("empty", "The payload has no bytes.", SHAPE, "refuses", &[]),
        in_type(
            "arrival",
            "null-for-absent",
            "An absent assignment is written as null instead of being left out.",
            CANONICAL,
            "refuses",
            &explicit_null,
            &guest(),
        ),
        in_type(
            "ring",
            "ring-without-assignment",
            "A ring that names no assignment: nobody knows what for.",
            SHAPE,
            "refuses",
            &[&[0xa3][..], &ring_for_nothing].concat(),
            &handset(),
        ),
    ]
}

fn guest_arrival() -> protocol::arrival::Arrival {
    protocol::arrival::Arrival { assignment: None, ..arrival() }
}

/// Replaces the one place where `from` stands in the encoding of the delivery grant.
fn in_grant(name: &str, sentence: &str, expected: &str, cddl: &str, from: &[u8], to: &[u8]) -> Vector {
    let bytes = replaced(name, &payload(&delivery_grant()), from, to);
    in_type("grant", name, sentence, expected, cddl, &bytes, &owner())
}

fn unknown_rank() -> Vector {
    let name = "unknown-rank";
    let companion_since_1 = [0x01, 0x03, 0x02, 0x01, 0x03, 0x6e];
    let bytes = replaced(
        name,
        &payload(&companion_roster()),
        &companion_since_1,
        &[0x01, 0x04, 0x02, 0x01, 0x03, 0x6e],
    );
    in_type("roster", name, "A resident's rank is 4.", SHAPE, "refuses", &bytes, &owner())
}

fn replaced(name: &str, right: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> =
        right.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(i, _)| i).collect();
    let [at] = places[..] else { panic!("{name}: the pattern stands {} times", places.len()) };
    [&right[..at], to, &right[at + from.len()..]].concat()
}

fn nested() -> Vec<Vector> {
    let root = cbor(|e| e.bytes(&root().kid().0)?.ok());
    let named = |tail: &[u8]| [&root[..], tail].concat();
    let name = cbor(|e| e.str("Blue Carrier")?.ok());
    let window_bytes = protocol::canonical::encode(&window(0, 4 * 3_600));
    let camera = cbor(|e| e.bytes(&recorder().kid().0)?.u32(2_000)?.ok());
    let entry = |value: u8| [0x02, 0x18, 0x3c, 0x03, value, 0x04];
    let mut latin = name.clone();
    latin[1] = 0xfc;
    vec![
        in_grant("unknown-enum-value", "`entry` is 7.", SHAPE, "refuses", &entry(0), &entry(7)),
        in_grant("not-utf-8", "A name is not UTF-8.", SHAPE, "refuses", &name, &latin),
        in_grant(
            "unknown-variant",
            "The grantee is of a kind that does not exist.",
            SHAPE,
            "refuses",
            &[&[0x03, 0x83, 0x00][..], &root].concat(),
            &[&[0x03, 0x83, 0x02][..], &root].concat(),
        ),
        in_grant(
            "variant-extra-field",
            "The grantee has a field too many.",
            CANONICAL,
            "refuses",
            &[&[0x03, 0x83, 0x00][..], &named(&name)].concat(),
            &[&[0x03, 0x84, 0x00][..], &named(&name), &[0x00]].concat(),
        ),
        in_grant(
            "window-extra-field",
            "A window has three times.",
            CANONICAL,
            "refuses",
            &window_bytes,
            &[&[0x83][..], window_bytes.get(1..).unwrap_or_default(), &[0x00]].concat(),
        ),
        in_grant(
            "indefinite-window",
            "A window is an array without a length.",
            CANONICAL,
            "cannot",
            &window_bytes,
            &[&[0x9f][..], window_bytes.get(1..).unwrap_or_default(), &[0xff]].concat(),
        ),
        in_grant(
            "camera-not-minimal",
            "A nested integer is written too long.",
            CANONICAL,
            "cannot",
            &camera,
            &[&camera[..camera.len() - 3], &[0x1a, 0x00, 0x00, 0x07, 0xd0]].concat(),
        ),
        unknown_rank(),
        keys("key-other-curve", "The handset's key is on P-384.", &[0x20, 0x01], &[0x20, 0x02]),
        keys("key-other-type", "The handset's key is of type OKP.", &[0xa4, 0x01, 0x02], &[0xa4, 0x01, 0x01]),
    ]
}

/// A guest grant whose COSE_Key starts otherwise.
fn keys(name: &str, sentence: &str, from: &[u8], to: &[u8]) -> Vector {
    let right = payload(&guest_grant(guest().credential()));
    let start = [0xa4, 0x01, 0x02, 0x20, 0x01, 0x21];
    let at = right.windows(start.len()).position(|w| w == start).expect("a COSE_Key stands in the grant");
    let inside = start.windows(from.len()).position(|w| w == from).expect("part of the start") + at;
    let bytes = [&right[..inside], to, &right[inside + from.len()..]].concat();
    in_type("grant", name, sentence, SHAPE, "refuses", &bytes, &owner())
}

/// A parcel that was left elsewhere: rung and reason are closed lists.
fn elsewhere() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, expected: &str, from: &[u8], to: &[u8]| {
        let bytes = replaced(name, &payload(&left()), from, to);
        in_type("left", name, sentence, expected, "refuses", &bytes, &handset())
    };
    let no_visit = payload(&protocol::left::Left { visit: None, ..left() });
    let null_visit =
        replaced("left-null-visit", &no_visit, &[0x03, 0x00, 0x04], &[0x02, 0xf6, 0x03, 0x00, 0x04]);
    let null_visit = [&[0xa6], null_visit.get(1..).unwrap_or_default()].concat();
    let photo = payload(&protocol::left::Left { photo: Some(PHOTO), ..left() });
    let (said, rung, reason) = ([0x03, 0x00, 0x04, 0x00], [0x03, 0x04, 0x04, 0x00], [0x03, 0x00, 0x04, 0x05]);
    vec![
        with("left-unknown-rung", "The rung is 4: there are four, from 0.", SHAPE, &said, &rung),
        with("left-unknown-reason", "The reason is 5, which does not exist.", SHAPE, &said, &reason),
        in_type(
            "left",
            "left-null-visit",
            "An absent visit is written as null instead of being left out.",
            CANONICAL,
            "refuses",
            &null_visit,
            &handset(),
        ),
        in_type(
            "left",
            "left-photo-31-bytes",
            "The photo's hash is cut: it would not say to whom it was sealed.",
            SHAPE,
            "refuses",
            &[&photo[..photo.len() - 35], &[0x06, 0x58, 31], &[0x70; 31]].concat(),
            &handset(),
        ),
        in_type(
            "left",
            "left-photo-null",
            "An absent photo is written as null instead of being left out.",
            CANONICAL,
            "refuses",
            &[&photo[..photo.len() - 35], &[0x06, 0xf6]].concat(),
            &handset(),
        ),
    ]
}
