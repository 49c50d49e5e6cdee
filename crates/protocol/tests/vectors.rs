//! The committed vectors of `spec/vectors` and the code agree, file by file.
//!
//! Decisions (`decision-*`) are checked by crate `doorkeeper`.

use crate::cases::{self, CredentialJson, Vector};
use minicbor::{Decode, Encode};
use protocol::bytes::Salt;
use protocol::canonical::{self, Malformed};
use protocol::commitment::{Opening, Scan};
use protocol::door_event::Detail;
use protocol::key::{Passkey, Software};
use protocol::limits::{CHUNK_BYTES_MAX, UPLINK_BYTES_MAX};
use protocol::{Claimed, Credential, Message, PublicKey, Signed};
use std::collections::BTreeMap;
use std::path::Path;

/// What a reader of the bytes finds out.
#[derive(Default)]
struct Verdict {
    outcome: String,
    rule: Option<String>,
    hash: Option<String>,
    kid: Option<String>,
    commitment: Option<String>,
}

fn committed(half: &str) -> BTreeMap<String, Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors").join(half);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).expect("the folder exists") {
        let path = entry.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("plain names").to_owned();
        if name.starts_with("decision-") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let vector: Vector = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(name, format!("{}.json", vector.name), "a file carries its vector's name");
        assert_eq!(text, vector.to_json(), "{name}: a field is out of order or repeated");
        found.insert(vector.name.clone(), vector);
    }
    found
}

fn unhex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0, "hexadecimal comes in pairs");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn credential(json: &CredentialJson) -> Credential {
    Credential {
        key: PublicKey::from_sec1(&unhex(&json.public_key)).expect("an uncompressed point"),
        passkey: json.passkey.as_ref().map(|p| Passkey {
            rp_id: p.rp_id.clone(),
            origin: p.origin.clone(),
            backup_eligible: p.backup_eligible,
        }),
    }
}

fn malformed(why: Malformed) -> Verdict {
    let rule = match why {
        Malformed::Rule(rule) => Some(rule.to_owned()),
        _ => None,
    };
    Verdict { outcome: format!("malformed:{}", why.code()), rule, ..Verdict::default() }
}

fn judge_signed<M: Message>(vector: &Vector) -> Verdict {
    let by = credential(vector.credential.as_ref().expect("signed vectors name a credential"));
    let claimed = match Claimed::<M>::parse(&unhex(&vector.hex)) {
        Ok(claimed) => claimed,
        Err(why) => return malformed(why),
    };
    if let Some(to_be_signed) = &vector.to_be_signed {
        assert_eq!(
            Signed::prepare(claimed.unproven(), &by).map(|bytes| cases::hex(&bytes)).as_ref(),
            Ok(to_be_signed),
            "{}: to_be_signed",
            vector.name
        );
    }
    match claimed.verify(&by, &Software) {
        Err(why) => Verdict { outcome: format!("untrusted:{}", why.code()), ..Verdict::default() },
        Ok(signed) => Verdict {
            outcome: "ok".into(),
            hash: Some(signed.hash().to_string()),
            kid: Some(signed.signer().to_string()),
            ..Verdict::default()
        },
    }
}

fn judge_value<T: for<'b> Decode<'b, ()> + Encode<()>>(vector: &Vector, limit: usize) -> Verdict {
    match canonical::decode::<T>(&unhex(&vector.hex), limit) {
        Ok(_) => Verdict { outcome: "ok".into(), ..Verdict::default() },
        Err(why) => malformed(why),
    }
}

/// The present roster is in force already; only the step to the next is judged.
fn judge_succession(vector: &Vector) -> Verdict {
    use protocol::roster::{Roster, succeed};
    let present = Claimed::<Roster>::parse(&unhex(&vector.hex)).expect("the present roster is well-formed");
    let next = vector.next.iter().map(|text| Claimed::parse(&unhex(text)).expect("well-formed")).collect();
    match succeed(present.unproven(), present.hash(), next, &Software) {
        Ok(signed) => {
            Verdict { outcome: "ok".into(), hash: Some(signed.hash().to_string()), ..Verdict::default() }
        }
        Err(why) => Verdict { outcome: format!("refused:{}", why.code()), ..Verdict::default() },
    }
}

fn judge_receipt(vector: &Vector) -> Verdict {
    let entries: Vec<protocol::uplink::LogEntry> =
        canonical::decode(&unhex(&vector.hex), UPLINK_BYTES_MAX).expect("entries in a list");
    let door_key = credential(vector.credential.as_ref().expect("receipts name the door's key")).key;
    let outcome = match protocol::door_log::check_receipt(cases::cast::DOOR, door_key, &entries, &Software) {
        Ok(_) => "ok".into(),
        Err(flaw) => format!("flaw:{}", flaw.code()),
    };
    Verdict { outcome, ..Verdict::default() }
}

fn judge_detail(vector: &Vector) -> Verdict {
    let salt = vector.salt.as_deref().and_then(Salt::from_hex).expect("details have a salt");
    match Detail::read(&unhex(&vector.hex)) {
        Ok(detail) => Verdict {
            outcome: "ok".into(),
            commitment: Some(detail.commit(salt).to_string()),
            ..Verdict::default()
        },
        Err(why) => malformed(why),
    }
}

fn judge_opening(vector: &Vector) -> Verdict {
    let opening: Opening = match canonical::decode(&unhex(&vector.hex), 256) {
        Ok(opening) => opening,
        Err(why) => return malformed(why),
    };
    let label = vector.label.as_deref().expect("openings have a label");
    assert_eq!(Scan::from_label(label).as_ref(), Some(&opening.scan), "{}: normal form", vector.name);
    Verdict {
        outcome: "ok".into(),
        commitment: Some(opening.commitment().0.to_string()),
        ..Verdict::default()
    }
}

fn judge(vector: &Vector) -> Verdict {
    use protocol::*;
    match vector.r#type.as_str() {
        "answer" => judge_signed::<answer::Answer>(vector),
        "arrival" => judge_signed::<arrival::Arrival>(vector),
        "assignment" => judge_signed::<assignment::Assignment>(vector),
        "confirmation" => judge_signed::<confirmation::Confirmation>(vector),
        "challenge" => judge_signed::<challenge::Challenge>(vector),
        "delegation" => judge_signed::<delegation::Delegation>(vector),
        "door_event" => judge_signed::<door_event::DoorEvent>(vector),
        "farewell" => judge_signed::<farewell::Farewell>(vector),
        "grant" => judge_signed::<grant::Grant>(vector),
        "head" => judge_signed::<head::Head>(vector),
        "look" => judge_signed::<look::Look>(vector),
        "left" => judge_signed::<left::Left>(vector),
        "presentation" => judge_signed::<presentation::Presentation>(vector),
        "recording_proof" => judge_signed::<recording_proof::RecordingProof>(vector),
        "revocation" => judge_signed::<revocation::Revocation>(vector),
        "ring" => judge_signed::<ring::Ring>(vector),
        "roster" => judge_signed::<roster::Roster>(vector),
        "sign_in" => judge_signed::<sign_in::SignIn>(vector),
        "roster_next" => judge_succession(vector),
        "receipt" => judge_receipt(vector),
        "detail" => judge_detail(vector),
        "opening" => judge_opening(vector),
        "downlink" => judge_value::<uplink::Downlink>(vector, UPLINK_BYTES_MAX),
        "to_cloud" => judge_value::<uplink::ToCloud>(vector, UPLINK_BYTES_MAX),
        "to_media" => judge_value::<media::ToMedia>(vector, CHUNK_BYTES_MAX),
        "from_media" => judge_value::<media::FromMedia>(vector, UPLINK_BYTES_MAX),
        other => panic!("{}: unknown type {other}", vector.name),
    }
}

fn check(half: &str) -> usize {
    let vectors = committed(half);
    let mut wrong = Vec::new();
    for vector in vectors.values() {
        let verdict = judge(vector);
        let said = (&vector.expected, &vector.rule, &vector.hash, &vector.kid, &vector.commitment);
        let found = (&verdict.outcome, &verdict.rule, &verdict.hash, &verdict.kid, &verdict.commitment);
        if said != found {
            wrong.push(format!("{half}/{}: the file says {said:?}, the code says {found:?}", vector.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    vectors.len()
}

#[test]
fn every_good_vector_is_accepted_with_its_hash_and_signer() {
    assert!(check("good") > 0);
    assert!(committed("good").values().all(|vector| vector.expected == "ok"));
}

#[test]
fn every_bad_vector_is_refused_for_its_reason() {
    assert!(check("bad") > 0);
    assert!(committed("bad").values().all(|vector| vector.expected != "ok"));
}

#[test]
fn every_committed_file_is_one_that_the_generator_writes() {
    for (half, written) in [("good", cases::good()), ("bad", cases::bad())] {
        let count = written.len();
        let written: BTreeMap<_, _> = written.into_iter().map(|v| (v.name.clone(), v)).collect();
        assert_eq!(written.len(), count, "{half}: a name is used twice");
        assert_eq!(
            committed(half),
            written,
            "{half}: run `cargo run -p protocol --example vectors` and look at the difference"
        );
    }
}

#[test]
fn every_message_type_has_a_good_vector() {
    let good = committed("good");
    for kind in [
        "answer",
        "arrival",
        "assignment",
        "challenge",
        "confirmation",
        "delegation",
        "door_event",
        "farewell",
        "grant",
        "head",
        "left",
        "presentation",
        "recording_proof",
        "revocation",
        "ring",
        "roster",
        "sign_in",
    ] {
        assert!(good.values().any(|vector| vector.r#type == kind), "{kind} has no good vector");
    }
}

#[test]
fn every_code_of_envelopes_rosters_and_receipts_has_a_bad_vector() {
    let bad = committed("bad");
    for code in [
        "malformed:oversized",
        "malformed:shape",
        "malformed:trailing_bytes",
        "malformed:not_canonical",
        "malformed:unprotected_header",
        "malformed:protected_header",
        "malformed:rule",
        "untrusted:other_key",
        "untrusted:bad_signature",
        "untrusted:passkey_shape",
        "untrusted:passkey_relying_party",
        "untrusted:passkey_user_not_present",
        "untrusted:passkey_user_not_verified",
        "untrusted:passkey_backup",
        "untrusted:passkey_extra_data",
        "untrusted:passkey_client_data",
        "refused:roster_mixed",
        "refused:roster_not_successor",
        "refused:roster_other_home",
        "refused:roster_since",
        "refused:roster_grants_from",
        "refused:roster_quorum",
        "flaw:malformed",
        "flaw:untrusted",
        "flaw:other_door",
        "flaw:omission",
        "flaw:split_view",
        "flaw:detail",
        "flaw:cut_tail",
    ] {
        assert!(bad.values().any(|vector| vector.expected == code), "{code} has no bad vector");
    }
}
