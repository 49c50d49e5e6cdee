//! Envelopes: what is accepted, and every way in which a forged one is refused.

use protocol::arrival::Arrival;
use protocol::bytes::{DoorId, DoorTag, Hash, VisitId};
use protocol::canonical::Malformed;
use protocol::challenge::Challenge;
use protocol::envelope::Untrusted;
use protocol::key::{Passkey, Software};
use protocol::passkey::{Authenticator, Breach, challenge, client_data_prefix};
use protocol::{Claimed, Credential, DeviceKey, Signed, Signer};

fn device(seed: u8) -> DeviceKey {
    DeviceKey::from_secret(&[seed; 32]).unwrap()
}

fn passkey(seed: u8) -> Authenticator {
    Authenticator {
        key: device(seed),
        binding: Passkey {
            rp_id: "home.example".into(),
            origin: "https://home.example".into(),
            backup_eligible: true,
        },
    }
}

fn arrival() -> Arrival {
    Arrival {
        visit: VisitId([1; 16]),
        door: DoorId([2; 16]),
        door_tag: DoorTag([3; 16]),
        grant: Hash([4; 32]),
        assignment: None,
    }
}

fn parse(bytes: &[u8]) -> Result<Claimed<Arrival>, Malformed> {
    Claimed::parse(bytes)
}

#[test]
fn what_was_signed_is_proven_and_keeps_its_hash() {
    let signed = Signed::sign(arrival(), &device(1)).unwrap();
    let claimed = parse(signed.bytes()).unwrap();
    assert_eq!(claimed.kid(), device(1).kid());
    assert_eq!(claimed.verify(&device(1).credential(), &Software).unwrap(), signed);
}

#[test]
fn a_passkey_signs_like_a_device_key() {
    let signer = passkey(1);
    let signed = Signed::sign(arrival(), &signer).unwrap();
    let proven = parse(signed.bytes()).unwrap().verify(&signer.credential(), &Software).unwrap();
    assert_eq!(proven.message(), &arrival());
}

#[test]
fn another_key_or_another_kind_of_key_is_not_the_signer() {
    let signed = Signed::sign(arrival(), &device(1)).unwrap();
    let refused =
        |credential: &Credential| parse(signed.bytes()).unwrap().verify(credential, &Software).unwrap_err();
    assert_eq!(refused(&device(2).credential()), Untrusted::OtherKey);
    assert_eq!(refused(&passkey(1).credential()), Untrusted::OtherKey);
}

#[test]
fn no_single_byte_can_be_changed() {
    for signer in [&device(1) as &dyn Signer, &passkey(1)] {
        let signed = Signed::sign(arrival(), signer).unwrap();
        for index in 0..signed.bytes().len() {
            let mut bytes = signed.bytes().to_vec();
            bytes[index] ^= 1;
            let accepted = parse(&bytes).ok().and_then(|c| c.verify(&signer.credential(), &Software).ok());
            assert!(accepted.is_none(), "byte {index} was changed and nobody noticed");
        }
    }
}

#[test]
fn a_message_is_not_another_type_with_the_same_bytes() {
    let challenge = Challenge {
        door: DoorId([2; 16]),
        nonce: protocol::bytes::Nonce([1; 16]),
        boot: protocol::bytes::BootId([1; 16]),
        counter: 1,
        visit: VisitId([1; 16]),
        door_log_head: Hash::ZERO,
    };
    let signed = Signed::sign(challenge, &device(1)).unwrap();
    assert_eq!(parse(signed.bytes()).unwrap_err(), Malformed::Shape);
}

#[test]
fn only_the_canonical_form_is_read() {
    let bytes = Signed::sign(arrival(), &device(1)).unwrap().bytes().to_vec();
    let mut trailing = bytes.clone();
    trailing.push(0);
    assert_eq!(parse(&trailing).unwrap_err(), Malformed::TrailingBytes);

    let mut long_array = vec![0x98, 0x04];
    long_array.extend_from_slice(&bytes[1..]);
    assert_eq!(parse(&long_array).unwrap_err(), Malformed::NotCanonical);

    let unprotected = bytes.iter().position(|byte| *byte == 0xa0).unwrap();
    let mut header = bytes.clone();
    header.splice(unprotected..=unprotected, [0xa1, 0x01, 0x26]);
    assert_eq!(parse(&header).unwrap_err(), Malformed::UnprotectedHeader);

    assert_eq!(parse(&vec![0; 4097]).unwrap_err(), Malformed::Oversized);
    assert_eq!(parse(&bytes[..40]).unwrap_err(), Malformed::Shape);
}

#[test]
fn every_passkey_rule_is_checked() {
    let signer = passkey(1);
    let tbs = Signed::prepare(&arrival(), &signer.credential()).unwrap();
    let good = client_data_prefix(&challenge(&tbs), "https://home.example");
    let verdict = |flags: u8, client_data: String| {
        let field = signer.assert(flags, client_data.as_bytes());
        Signed::assemble(&arrival(), &signer.credential(), &field)
            .unwrap()
            .verify(&signer.credential(), &Software)
            .map(|_| ())
    };
    let breach = |breach| Err(Untrusted::Passkey(breach));
    assert_eq!(verdict(0x0d, format!("{good}}}")), Ok(()));
    assert_eq!(verdict(0x1d, format!("{good},\"other\":1}}")), Ok(()), "browsers add members at the end");
    assert_eq!(verdict(0x09, format!("{good}}}")), breach(Breach::UserNotVerified));
    assert_eq!(verdict(0x0c, format!("{good}}}")), breach(Breach::UserNotPresent));
    assert_eq!(verdict(0x05, format!("{good}}}")), breach(Breach::Backup));
    assert_eq!(verdict(0x4d, format!("{good}}}")), breach(Breach::ExtraData));
    assert_eq!(verdict(0x8d, format!("{good}}}")), breach(Breach::ExtraData));
    let other_origin = client_data_prefix(&challenge(&tbs), "https://evil.example");
    assert_eq!(verdict(0x0d, format!("{other_origin}}}")), breach(Breach::ClientData));
    let other_challenge = client_data_prefix(&[0; 32], "https://home.example");
    assert_eq!(verdict(0x0d, format!("{other_challenge}}}")), breach(Breach::ClientData));
    assert_eq!(
        verdict(0x0d, good.replace("webauthn.get", "webauthn.create") + "}"),
        breach(Breach::ClientData)
    );
    assert_eq!(verdict(0x0d, good.replace("false", "true") + "}"), breach(Breach::ClientData));
    assert_eq!(verdict(0x0d, good.clone() + "x}"), breach(Breach::ClientData));

    let elsewhere = Authenticator {
        binding: Passkey { rp_id: "evil.example".into(), ..signer.binding.clone() },
        ..signer.clone()
    };
    let field = elsewhere.sign(&tbs);
    let claimed = Signed::assemble(&arrival(), &signer.credential(), &field).unwrap();
    assert_eq!(
        claimed.verify(&signer.credential(), &Software).unwrap_err(),
        Untrusted::Passkey(Breach::RelyingParty)
    );
}
