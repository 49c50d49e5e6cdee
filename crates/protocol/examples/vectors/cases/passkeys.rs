//! Passkey assertions that must be refused.

use super::cast::*;
use super::{Vector, envelope, hex, payload, protected, sig_structure, signed_vector};
use minicbor::Encode;
use protocol::bytes::Blob;
use protocol::key::Passkey;
use protocol::passkey::{Assertion, Authenticator, challenge, client_data_prefix};
use protocol::{Credential, DeviceKey, Signer, canonical};
use sha2::{Digest, Sha256};

pub(super) fn all() -> Vec<Vector> {
    [authenticator_data(), client_data(), fields()].concat()
}

/// Flags UP, UV and BE, as the enrolled passkey sets them.
const FLAGS: u8 = 0x0d;
const RP: &str = "home.example";

fn header() -> Vec<u8> {
    protected(-65_600, owner_passkey().credential().kid())
}

fn to_be_signed() -> Vec<u8> {
    sig_structure("Signature1", &header(), "vestibule/1/grant", &payload(&delivery_grant()))
}

fn prefix() -> String {
    client_data_prefix(&challenge(&to_be_signed()), "https://home.example")
}

fn bad(name: &str, sentence: &str, code: &str, field: &[u8]) -> Vector {
    expecting(name, sentence, code, field, &owner_passkey().credential())
}

fn expecting(name: &str, sentence: &str, code: &str, field: &[u8], credential: &Credential) -> Vector {
    let bytes = envelope(&header(), &payload(&delivery_grant()), field);
    let name = format!("passkey-{name}");
    signed_vector(&name, sentence, "grant", &format!("untrusted:{code}"), &bytes, credential)
}

/// An assertion over any authenticator data, signed as an authenticator signs.
fn assertion(key: &DeviceKey, data: &[u8], client_data: &str) -> Assertion {
    let message = [data, &Sha256::digest(client_data.as_bytes())].concat();
    let signature =
        p256::ecdsa::Signature::from_slice(&key.sign_raw(&message)).expect("just signed").to_der();
    Assertion {
        authenticator_data: Blob(data.into()),
        client_data: Blob(client_data.into()),
        signature: Blob(signature.as_bytes().into()),
    }
}

fn data(rp_id: &str, flags: u8, tail: &[u8]) -> Vec<u8> {
    [&Sha256::digest(rp_id.as_bytes())[..], &[flags, 0, 0, 0, 1], tail].concat()
}

fn authenticator_data() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, code: &str, data: &[u8]| {
        let assertion = assertion(&owner_passkey().key, data, &(prefix() + "}"));
        bad(name, sentence, code, &canonical::encode(&assertion))
    };
    let extensions: &[u8] = &[0xa1, 0x63, b'p', b'r', b'f', 0xf5];
    let not_eligible = Credential {
        passkey: Some(Passkey { backup_eligible: false, ..owner_passkey().binding }),
        ..owner_passkey().credential()
    };
    let right = canonical::encode(&assertion(&owner_passkey().key, &data(RP, FLAGS, &[]), &(prefix() + "}")));
    vec![
        with(
            "other-relying-party",
            "Made for another relying party.",
            "passkey_relying_party",
            &data("evil.example", FLAGS, &[]),
        ),
        with("no-presence", "Flag UP is not set.", "passkey_user_not_present", &data(RP, 0x0c, &[])),
        with(
            "no-verification",
            "Flag UV is not set: a touch alone signs nothing.",
            "passkey_user_not_verified",
            &data(RP, 0x09, &[]),
        ),
        with("backed-up-not-eligible", "Flag BS is set without BE.", "passkey_backup", &data(RP, 0x15, &[])),
        with(
            "eligibility-lost",
            "Enrolled with BE, asserted without.",
            "passkey_backup",
            &data(RP, 0x05, &[]),
        ),
        expecting(
            "eligibility-won",
            "Enrolled without BE, asserted with it.",
            "passkey_backup",
            &right,
            &not_eligible,
        ),
        with(
            "extension-data",
            "Extension data follows (here: prf).",
            "passkey_extra_data",
            &data(RP, FLAGS | 0x80, extensions),
        ),
        with(
            "extension-flag",
            "The extension flag is set without data.",
            "passkey_extra_data",
            &data(RP, FLAGS | 0x80, &[]),
        ),
        with(
            "attested-flag",
            "The flag of attested credential data is set.",
            "passkey_extra_data",
            &data(RP, FLAGS | 0x40, &[]),
        ),
        with(
            "data-too-long",
            "Bytes follow the counter though no flag announces them.",
            "passkey_extra_data",
            &data(RP, FLAGS, &[0]),
        ),
        with(
            "data-too-short",
            "The counter lacks a byte.",
            "passkey_extra_data",
            data(RP, FLAGS, &[]).get(..36).unwrap_or_default(),
        ),
    ]
}

fn client_data() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, client_data: &str| {
        let assertion = assertion(&owner_passkey().key, &data(RP, FLAGS, &[]), client_data);
        bad(name, sentence, "passkey_client_data", &canonical::encode(&assertion))
    };
    let right = prefix() + "}";
    let elsewhere =
        client_data_prefix(&challenge(&to_be_signed()), "https://home.example.evil.example") + "}";
    let longer_port = client_data_prefix(&challenge(&to_be_signed()), "https://home.example:8443") + "}";
    let other_challenge = client_data_prefix(&[0x42; 32], "https://home.example") + "}";
    vec![
        with("other-origin", "Made on a page of another origin.", &elsewhere),
        with("other-port", "The origin includes the port.", &longer_port),
        with("other-challenge", "Made for another challenge.", &other_challenge),
        with(
            "registration",
            "The type is webauthn.create.",
            &right.replace("webauthn.get", "webauthn.create"),
        ),
        with(
            "cross-origin",
            "Made in a frame of a foreign page.",
            &right.replace("\"crossOrigin\":false", "\"crossOrigin\":true"),
        ),
        with(
            "cross-origin-missing",
            "crossOrigin is left out.",
            &right.replace(",\"crossOrigin\":false", ""),
        ),
        with("crossorigin-continued", "Neither a brace nor a comma follows false.", &(prefix() + "ish}")),
        with(
            "reordered-members",
            "The members stand in another order.",
            &right.replace("\"type\":\"webauthn.get\",", "").replace('}', ",\"type\":\"webauthn.get\"}"),
        ),
        with("white-space", "A space follows a colon.", &right.replace("\"type\":", "\"type\": ")),
        with(
            "padded-challenge",
            "The challenge carries base64 padding.",
            &right.replace("\",\"origin\"", "=\",\"origin\""),
        ),
        with("nothing-after-prefix", "The object is not closed.", &prefix()),
    ]
}

fn fields() -> Vec<Vector> {
    let signer = owner_passkey();
    let right = assertion(&signer.key, &data(RP, FLAGS, &[]), &(prefix() + "}"));
    let raw = signer
        .key
        .sign_raw(&[&right.authenticator_data.0[..], &Sha256::digest(&right.client_data.0)].concat());
    let raw_field = Assertion { signature: Blob(raw.into()), ..right.clone() };
    let forged = assertion(&member(), &data(RP, FLAGS, &[]), &(prefix() + "}"));
    let wide = [&[0x98, 0x03], canonical::encode(&right).get(1..).unwrap_or_default()].concat();
    let two = encoded(&(&right.authenticator_data, &right.client_data));
    let extra = [&[0x84], canonical::encode(&right).get(1..).unwrap_or_default(), &[0xf6]].concat();
    let direct = signer.key.sign_raw(&to_be_signed());
    let changed = Assertion { client_data: Blob((prefix() + ",\"x\":1}").into_bytes()), ..right.clone() };
    vec![
        bad(
            "raw-signature",
            "The inner signature is r and s instead of DER.",
            "bad_signature",
            &canonical::encode(&raw_field),
        ),
        bad("another-key", "Another key made the assertion.", "bad_signature", &canonical::encode(&forged)),
        bad(
            "client-data-changed",
            "A member was added after signing.",
            "bad_signature",
            &canonical::encode(&changed),
        ),
        bad("not-canonical", "The assertion's array length is written in two bytes.", "passkey_shape", &wide),
        bad("two-parts", "The signature is missing from the assertion.", "passkey_shape", &two),
        bad("four-parts", "A user handle follows.", "passkey_shape", &extra),
        bad(
            "bare-signature",
            "The key signed the Sig_structure itself, as a device key does.",
            "passkey_shape",
            &direct,
        ),
        as_device(),
    ]
}

fn encoded<T: Encode<()>>(value: &T) -> Vec<u8> {
    canonical::encode(value)
}

/// The passkey's key in the role of a device key: the header names the wrong algorithm.
fn as_device() -> Vector {
    let Authenticator { key, .. } = owner_passkey();
    let bytes = super::seal("grant", &payload(&delivery_grant()), &key);
    Vector {
        hex: hex(&bytes),
        ..bad(
            "signed-as-device",
            "The enrolled key is a passkey, the envelope says ESP256.",
            "other_key",
            &[],
        )
    }
}
