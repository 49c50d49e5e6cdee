//! Accounts of smart homes are taken over all the time: a guessed password, a lent phone, and there is one more
//! administrator. Here a signed-in thief with the owner's unlocked phone, far from home, adds a phone of his own; and a
//! member of the household makes himself an owner. The door takes the first only with somebody at the box, and the second
//! not even then.
//!
//! Fails without `presence_needed` in the doorkeeper's papers, and without the look for an *owner's* signature in `succeed`
//! of the protocol, which cloud and home share.

use crate::adversary::insider::{Insider, key_of};
use crate::stage::{SOON, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::roster::{Rank, Resident, Roster};
use protocol::sign_in::Role;
use protocol::{Claimed, DeviceKey, Signed, Signer as _};
use serde_json::{Value, json};

#[test]
fn nobody_makes_owners_from_afar_and_no_member_makes_himself_one() {
    let mut stage = Stage::new();
    stage.raise();
    let owner = key_of(&stage, "resident", "device.key");
    let thief = DeviceKey::from_secret(&[0x71; 32]).expect("a secret");
    let signed_in = Insider::sign_in(&stage, "resident", Role::Resident);
    let first = std::fs::read(stage.path("resident/roster.cose")).expect("the first roster");
    let first = Claimed::<Roster>::parse(&first).expect("a roster");

    // With the owner's key, from afar.
    let stolen = with(&first, &thief, Rank::Owner);
    let answer = send(&stage, &signed_in, &Signed::sign(stolen, &owner).expect("a roster"));
    assert_eq!(answer["kept_by_home"], json!({ "state": "refused", "code": "presence_needed" }), "{answer}");
    assert_eq!(answer["in_force"], false);

    // Somebody is at the box: the same key brings in a member.
    stage.at_hub("presence").ok();
    let second = Signed::sign(with(&first, &thief, Rank::Member), &owner).expect("a roster");
    let answer = send(&stage, &signed_in, &second);
    assert_eq!(answer["kept_by_home"]["state"], "kept", "{answer}");
    let path = format!("/v1/homes/{}/rosters", second.message().home);
    stage.until("the member", SOON, || {
        let there = signed_in.get(&stage, &path);
        if there["epoch"] == 2 { Ok(()) } else { Err(there.to_string()) }
    });

    // The member would be an owner, and is at the box himself.
    stage.at_hub("presence").ok();
    let second = Claimed::<Roster>::parse(second.bytes()).expect("a roster");
    let mut third = second.unproven().clone();
    (third.epoch, third.prev) = (3, second.hash());
    for resident in &mut third.residents {
        if resident.credential == thief.credential() {
            resident.role = Rank::Owner;
        }
    }
    let answer = send(&stage, &signed_in, &Signed::sign(third, &thief).expect("a roster"));
    assert_eq!(answer["code"], "roster_quorum", "{answer}");
}

/// The next roster, with one more.
fn with(present: &Claimed<Roster>, key: &DeviceKey, role: Rank) -> Roster {
    let mut next = present.unproven().clone();
    (next.epoch, next.prev) = (next.epoch + 1, present.hash());
    let (credential, since) = (key.credential(), next.epoch);
    next.residents.push(Resident { credential, role, since, name: "phone 2".into(), kem: None });
    next.residents.sort_by_key(|resident| resident.credential.kid());
    next
}

fn send(stage: &Stage, signed_in: &Insider, roster: &Signed<Roster>) -> Value {
    let path = format!("/v1/homes/{}/rosters", roster.message().home);
    signed_in.post(stage, &path, &json!({ "roster": [URL_SAFE_NO_PAD.encode(roster.bytes())] }))
}
