//! Messages of the right shape that break a rule of their type. All are properly signed.

use super::cast::{self, *};
use super::{Vector, hex, payload, seal, signed_vector};
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, GrantId, Salt};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::door_event::{Body, Detail, DoorEvent};
use protocol::farewell::Farewell;
use protocol::grant::{Camera, Errand, Grant, Grantee, Terms};
use protocol::head::Head;
use protocol::left::{Left, Rung};
use protocol::look::Look;
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::sign_in::SignIn;
use protocol::time::{Interval, Monotonic, Timestamp, Window};
use protocol::{Hash, Message, Signer, canonical};

const DAY_S: u64 = 86_400;

pub(super) fn all() -> Vec<Vector> {
    [
        windows(),
        grants(),
        terms_of_grants(),
        names(),
        papers(),
        presentations(),
        revocations(),
        epochs(),
        residents(),
        origins(),
        logs(),
    ]
    .concat()
}

/// `cddl` is what CDDL says: order, uniqueness and relations between fields are beyond it.
fn breaks<M: Message>(
    name: &str,
    sentence: &str,
    rule: &str,
    cddl: &str,
    message: &M,
    signer: &dyn Signer,
) -> Vector {
    let bytes = seal(M::TYPE, &payload(message), signer);
    let name = format!("rule-{name}");
    Vector {
        rule: Some(rule.into()),
        cddl: Some(cddl.into()),
        ..signed_vector(&name, sentence, M::TYPE, "malformed:rule", &bytes, &signer.credential())
    }
}

fn grant(name: &str, sentence: &str, rule: &str, cddl: &str, grant: &Grant) -> Vector {
    breaks(&format!("grant-{name}"), sentence, rule, cddl, grant, &owner())
}

fn windows() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, rule: &str, cddl: &str, windows: Vec<Window>| {
        grant(name, sentence, rule, cddl, &Grant { windows, ..delivery_grant() })
    };
    let many = (0..129).map(|n| window(n * 3_600, n * 3_600 + 60)).collect();
    vec![
        with("no-window", "There is no window.", "1 to 128 windows", "refuses", vec![]),
        with("129-windows", "There are 129 windows.", "1 to 128 windows", "refuses", many),
        with(
            "window-empty",
            "A window ends when it begins.",
            "a window ends after it begins",
            "cannot",
            vec![window(60, 60)],
        ),
        with(
            "window-backwards",
            "A window ends before it begins.",
            "a window ends after it begins",
            "cannot",
            vec![window(60, 0)],
        ),
        with(
            "windows-overlap",
            "Two windows share a second.",
            "windows ascend without overlap",
            "cannot",
            vec![window(0, 61), window(60, 120)],
        ),
        with(
            "windows-unordered",
            "The later window comes first.",
            "windows ascend without overlap",
            "cannot",
            vec![window(60, 120), window(0, 60)],
        ),
        with(
            "window-over-92-days",
            "One second more than 92 days.",
            "windows span at most 92 days",
            "cannot",
            vec![window(0, 92 * DAY_S + 1)],
        ),
        with(
            "span-93-days",
            "Two short windows 93 days apart.",
            "windows span at most 92 days",
            "cannot",
            vec![window(0, 60), window(93 * DAY_S - 60, 93 * DAY_S)],
        ),
    ]
}

fn grants() -> Vec<Vector> {
    let errands = |list: Vec<Commitment>| Grant { errand: Errand::Consignments(list), ..delivery_grant() };
    let (a, b) = (Commitment(Hash([1; 32])), Commitment(Hash([2; 32])));
    let many = (0..33).map(|n| Commitment(Hash([n; 32]))).collect();
    let uses = |uses, uses_per_window| Grant { uses, uses_per_window, ..delivery_grant() };
    vec![
        grant("no-use", "`uses` is 0.", "uses is at least 1", "refuses", &uses(0, 0)),
        grant(
            "no-use-per-window",
            "`uses_per_window` is 0.",
            "uses_per_window is 1 to uses",
            "refuses",
            &uses(1, 0),
        ),
        grant(
            "more-per-window",
            "More uses per window than in all.",
            "uses_per_window is 1 to uses",
            "cannot",
            &uses(2, 3),
        ),
        grant(
            "no-errand",
            "The list of consignments is empty.",
            "1 to 32 errands",
            "refuses",
            &errands(vec![]),
        ),
        grant("33-errands", "There are 33 consignments.", "1 to 32 errands", "refuses", &errands(many)),
        grant(
            "errands-unordered",
            "The consignments descend.",
            "errands ascend without repeats",
            "cannot",
            &errands(vec![b, a]),
        ),
        grant(
            "errand-twice",
            "A consignment comes twice.",
            "errands ascend without repeats",
            "cannot",
            &errands(vec![a, a]),
        ),
    ]
}

fn terms_of_grants() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, rule: &str, cddl: &str, terms: Terms| {
        grant(name, sentence, rule, cddl, &Grant { terms, ..delivery_grant() })
    };
    let attributes = |list: Vec<String>| Terms { attributes: list, ..terms() };
    let camera = |n, age_ms| Camera { recorder: numbered_kid(n), age_ms };
    let door_open = |door_open_s| Terms { door_open_s, ..terms() };
    let many = (0..17).map(|n| format!("attribute-{n:02}")).collect();
    vec![
        with(
            "5-cameras",
            "There are five cameras.",
            "at most 4 cameras",
            "refuses",
            Terms { cameras: (0..5).map(|n| camera(n, 500)).collect(), ..terms() },
        ),
        with(
            "camera-age-0",
            "No picture is that young.",
            "age_ms is at least 1",
            "refuses",
            Terms { cameras: vec![camera(1, 0)], ..terms() },
        ),
        with(
            "camera-twice",
            "One camera is demanded twice, with two ages.",
            "a camera is named once",
            "cannot",
            Terms { cameras: vec![camera(1, 500), camera(2, 500), camera(1, 900)], ..terms() },
        ),
        with(
            "door-open-0",
            "The door may never stand open.",
            "door_open_s is 1 to 3600",
            "refuses",
            door_open(0),
        ),
        with(
            "door-open-3601",
            "The door may stand open for over an hour.",
            "door_open_s is 1 to 3600",
            "refuses",
            door_open(3_601),
        ),
        with(
            "no-entry",
            "`entries` is 0.",
            "entries is at least 1",
            "refuses",
            Terms { entries: 0, ..terms() },
        ),
        with(
            "17-attributes",
            "There are 17 attributes.",
            "at most 16 attributes",
            "refuses",
            attributes(many),
        ),
        with(
            "attributes-unordered",
            "The attributes descend.",
            "attributes ascend without repeats",
            "cannot",
            attributes(vec!["vetted".into(), "employee".into()]),
        ),
        with(
            "attribute-twice",
            "An attribute comes twice.",
            "attributes ascend without repeats",
            "cannot",
            attributes(vec!["vetted".into(), "vetted".into()]),
        ),
        with(
            "revocation-age-low",
            "A list younger than a day is demanded.",
            "revocation_age_s is at least 86400",
            "refuses",
            Terms { revocation_age_s: Some(86_399), ..terms() },
        ),
    ]
}

fn names() -> Vec<Vector> {
    let to = |name: &str| Grant {
        to: Grantee::Provider { root: root().kid(), name: name.into() },
        ..delivery_grant()
    };
    let length = "a name has 1 to 64 bytes";
    let control = "a name has no control characters";
    let service = Grant { errand: Errand::Service("clean\ting".into()), ..cleaning_grant() };
    let attribute = Grant { terms: Terms { attributes: vec![String::new()], ..terms() }, ..delivery_grant() };
    vec![
        grant("name-empty", "The provider has no name.", length, "refuses", &to("")),
        grant("name-65-bytes", "The name has 65 bytes.", length, "refuses", &to(&"n".repeat(65))),
        grant(
            "name-65-bytes-utf-8",
            "The name has 33 letters but 65 bytes.",
            length,
            "refuses",
            &to(&("n".to_owned() + &"ä".repeat(32))),
        ),
        grant(
            "name-new-line",
            "The name hides a second line.",
            control,
            "cannot",
            &to("Blue Carrier\nVerified"),
        ),
        grant(
            "name-c1-control",
            "U+0085 is a control character too.",
            control,
            "cannot",
            &to("Blue\u{85}Carrier"),
        ),
        grant("service-control", "The service's name has a tab.", control, "cannot", &service),
        grant("attribute-empty", "An attribute has no name.", length, "refuses", &attribute),
    ]
}

fn papers() -> Vec<Vector> {
    let backwards = "a window ends after it begins";
    let assigned = |name: &str, sentence: &str, rule: &str, cddl: &str, paper: Assignment| {
        breaks(&format!("assignment-{name}"), sentence, rule, cddl, &paper, &working())
    };
    vec![
        assigned(
            "window-backwards",
            "The window ends before it begins.",
            backwards,
            "cannot",
            Assignment { window: window(60, 0), ..assignment() },
        ),
        assigned(
            "no-errand",
            "Nothing is carried.",
            "1 to 32 errands",
            "refuses",
            Assignment { errands: vec![], ..assignment() },
        ),
        assigned(
            "service-empty",
            "The service has no name.",
            "a name has 1 to 64 bytes",
            "refuses",
            Assignment { service: String::new(), ..assignment() },
        ),
        assigned(
            "attributes-unordered",
            "The attributes descend.",
            "attributes ascend without repeats",
            "cannot",
            Assignment { attributes: vec!["trained".into(), "employee".into()], ..assignment() },
        ),
        breaks(
            "delegation-window-backwards",
            "The window ends before it begins.",
            backwards,
            "cannot",
            &Delegation { window: window(60, 0), ..delegation() },
            &root(),
        ),
    ]
}

fn presentations() -> Vec<Vector> {
    let scan = "a scan is 1 to 96 normal characters";
    let with = |name: &str, sentence: &str, rule: &str, cddl: &str, texts: Vec<Vec<u8>>| {
        let open = |(n, text)| Opening {
            salt: Salt([u8::try_from(n).expect("few scans"); 16]),
            scan: Scan(Blob(text)),
        };
        let opens = texts.into_iter().enumerate().map(open).collect();
        let message = Presentation { opens, ..presentation() };
        breaks(&format!("presentation-{name}"), sentence, rule, cddl, &message, &handset())
    };
    vec![
        with("33-scans", "There are 33 scans.", "at most 32 scans", "refuses", vec![b"A1".to_vec(); 33]),
        with("scan-empty", "A scan has no text.", scan, "refuses", vec![vec![]]),
        with("scan-97-bytes", "A scan has 97 bytes.", scan, "refuses", vec![vec![b'9'; 97]]),
        with(
            "scan-lower-case",
            "A scan was not raised to upper case.",
            scan,
            "cannot",
            vec![b"rr123456785de".to_vec()],
        ),
        with("scan-space", "A scan still has a space.", scan, "cannot", vec![b"RR 123456785DE".to_vec()]),
        with(
            "scan-not-ascii",
            "A scan has bytes outside printable ASCII.",
            scan,
            "cannot",
            vec![vec![0x52, 0x00, 0xff]],
        ),
    ]
}

fn revocations() -> Vec<Vector> {
    let with = |name: &str, sentence: &str, rule: &str, cddl: &str, list: Revocation| {
        breaks(&format!("revocation-{name}"), sentence, rule, cddl, &list, &owner())
    };
    let ordered = "lists ascend without repeats";
    let (low, high) = (GrantId([1; 16]), GrantId([2; 16]));
    vec![
        with(
            "sequence-0",
            "Sequences start at 1.",
            "sequence starts at 1",
            "refuses",
            Revocation { sequence: 0, ..revocation() },
        ),
        with(
            "33-grants",
            "There are 33 grants.",
            "at most 32 of each kind",
            "refuses",
            Revocation { grants: (0..33).map(|n| GrantId([n; 16])).collect(), ..revocation() },
        ),
        with(
            "grants-unordered",
            "The grants descend.",
            ordered,
            "cannot",
            Revocation { grants: vec![high, low], ..revocation() },
        ),
        with(
            "grant-twice",
            "A grant comes twice.",
            ordered,
            "cannot",
            Revocation { grants: vec![low, low], ..revocation() },
        ),
        with(
            "devices-unordered",
            "The devices descend.",
            ordered,
            "cannot",
            Revocation { devices: vec![numbered_kid(2), numbered_kid(1)], ..revocation() },
        ),
    ]
}

fn roster(name: &str, sentence: &str, rule: &str, cddl: &str, roster: &Roster) -> Vector {
    breaks(&format!("roster-{name}"), sentence, rule, cddl, roster, &owner())
}

fn epochs() -> Vec<Vector> {
    let predecessor = "exactly the first roster has no predecessor";
    let quorum = "quorum is 1 to owners";
    let first = cast::roster;
    vec![
        roster(
            "epoch-0",
            "Epochs start at 1.",
            "epoch starts at 1",
            "refuses",
            &Roster { epoch: 0, ..first() },
        ),
        roster(
            "first-with-predecessor",
            "The first roster names a predecessor.",
            predecessor,
            "cannot",
            &Roster { prev: Hash([1; 32]), ..first() },
        ),
        roster(
            "second-without-predecessor",
            "The second roster names none.",
            predecessor,
            "cannot",
            &Roster { prev: Hash::ZERO, ..second_roster() },
        ),
        roster(
            "5-recorder-keys",
            "There are five recorder keys.",
            "at most 4 recorder keys",
            "refuses",
            &Roster { recorder_keys: (50..55).map(|seed| key(seed).public()).collect(), ..first() },
        ),
        roster(
            "recorder-key-twice",
            "One recorder stands twice.",
            "a recorder key is named once",
            "cannot",
            &Roster {
                recorder_keys: vec![recorder().public(), key(12).public(), recorder().public()],
                ..first()
            },
        ),
        roster(
            "quorum-0",
            "Nobody has to sign the next roster.",
            quorum,
            "refuses",
            &Roster { quorum: 0, ..first() },
        ),
        roster(
            "quorum-over-owners",
            "Three owners must sign; there are two.",
            quorum,
            "cannot",
            &Roster { quorum: 3, ..first() },
        ),
        roster(
            "quorum-of-companions",
            "Three owners must sign; there are two, and a companion.",
            quorum,
            "cannot",
            &Roster { quorum: 3, ..companion_roster() },
        ),
        roster(
            "grants-from-ahead",
            "`grants_from` is ahead of the epoch.",
            "grants_from is at most epoch",
            "cannot",
            &Roster { grants_from: 2, ..first() },
        ),
    ]
}

fn residents() -> Vec<Vector> {
    let member_with = |change: fn(&mut Resident)| {
        let mut changed = cast::roster();
        changed.residents.iter_mut().filter(|r| r.role == Rank::Member).for_each(change);
        changed
    };
    let with = |residents| Roster { residents, ..cast::roster() };
    let present = cast::roster().residents;
    let reversed = present.iter().rev().cloned().collect();
    let twice = present.first().into_iter().chain(&present).cloned().collect();
    let many = sorted((40..57).map(|n| resident(key(n).credential(), Rank::Owner, "phone")).collect());
    let mut escaped = cast::roster();
    for passkey in escaped.residents.iter_mut().filter_map(|r| r.credential.passkey.as_mut()) {
        passkey.origin = "https://home.example\"".into();
    }
    let count = "1 to 16 residents";
    let since = "since is 1 to epoch";
    let ordered = "residents ascend by key without repeats";
    vec![
        roster("no-resident", "Nobody lives here.", count, "refuses", &with(vec![])),
        roster("17-residents", "There are 17 residents' keys.", count, "refuses", &with(many)),
        roster("residents-unordered", "The residents descend.", ordered, "cannot", &with(reversed)),
        roster("resident-twice", "A key comes twice.", ordered, "cannot", &with(twice)),
        roster(
            "since-0",
            "A key was enrolled before the first epoch.",
            since,
            "refuses",
            &member_with(|r| r.since = 0),
        ),
        roster(
            "since-ahead",
            "A key was enrolled in a later epoch.",
            since,
            "cannot",
            &member_with(|r| r.since = 2),
        ),
        roster(
            "kem-64-bytes",
            "A KEM key lacks its first byte.",
            "kem is 65 bytes",
            "refuses",
            &member_with(|r| r.kem = Some(Blob(vec![4; 64]))),
        ),
        roster(
            "origin-escape",
            "An origin has a character that JSON escapes.",
            "origin needs no escape",
            "cannot",
            &escaped,
        ),
    ]
}

/// A passkey's binding is compared as text, wherever it is pinned.
fn origins() -> Vec<Vector> {
    let mut escaped = guest_passkey().credential();
    if let Some(passkey) = &mut escaped.passkey {
        passkey.origin = "https://home.example\",\"crossOrigin\":false".into();
    }
    let long = |rp_id: usize, origin: usize| {
        let mut credential = guest_passkey().credential();
        if let Some(passkey) = &mut credential.passkey {
            passkey.rp_id = "r".repeat(rp_id);
            passkey.origin = "o".repeat(origin);
        }
        guest_grant(credential)
    };
    let (rp_id, origin) = ("rp_id has 1 to 253 bytes", "origin has 1 to 262 bytes");
    let rule = "origin needs no escape";
    let assigned = Assignment { cnf: escaped.clone(), ..assignment() };
    vec![
        grant("rp-id-empty", "A passkey of no site.", rp_id, "refuses", &long(0, 20)),
        grant("rp-id-254-bytes", "No domain name is that long.", rp_id, "refuses", &long(254, 20)),
        grant("origin-empty", "A passkey of no page.", origin, "refuses", &long(20, 0)),
        grant("origin-263-bytes", "An origin of 263 bytes.", origin, "refuses", &long(20, 263)),
        grant("origin-escape", "A guest's origin goes on as JSON.", rule, "cannot", &guest_grant(escaped)),
        breaks(
            "assignment-origin-escape",
            "A visitor's origin goes on as JSON.",
            rule,
            "cannot",
            &assigned,
            &working(),
        ),
    ]
}

fn detail_backwards(at: Interval) -> Vector {
    let detail = Detail { at, monotonic: Monotonic(812_400), visit: None, body: Body::Opened };
    let salt = Salt([0x5a; 16]);
    Vector {
        name: "rule-detail-interval-backwards".into(),
        sentence: "It happened after it was over.".into(),
        r#type: "detail".into(),
        expected: "malformed:rule".into(),
        rule: Some("an interval begins before it ends".into()),
        cddl: Some("cannot".into()),
        hex: hex(&canonical::encode(&detail)),
        salt: Some(hex(&salt.0)),
        ..Vector::default()
    }
}

fn logs() -> Vec<Vector> {
    let event = |name: &str, sentence: &str, cddl: &str, event: DoorEvent| {
        let rule = "exactly the first event has no predecessor";
        breaks(&format!("door-event-{name}"), sentence, rule, cddl, &event, &door())
    };
    let at = Interval { lo: Timestamp(OPENS + 3), hi: Timestamp(OPENS) };
    let backwards = Head { at, ..head() };
    vec![
        breaks(
            "head-interval-backwards",
            "Now is after it is before.",
            "an interval begins before it ends",
            "cannot",
            &backwards,
            &door(),
        ),
        detail_backwards(at),
        event("counter-0", "Counters start at 1.", "refuses", DoorEvent { counter: 0, ..first_event() }),
        event(
            "first-with-predecessor",
            "The first event names a predecessor.",
            "cannot",
            DoorEvent { prev: Hash([1; 32]), ..first_event() },
        ),
        event(
            "second-without-predecessor",
            "The second event names none.",
            "cannot",
            DoorEvent { prev: Hash::ZERO, ..second_event() },
        ),
        breaks(
            "farewell-33-parcels",
            "33 parcels are inside.",
            "at most 32 parcels",
            "refuses",
            &Farewell { parcels: 33, ..farewell() },
            &handset(),
        ),
        breaks(
            "left-photo-of-nothing",
            "It is tried again, so nothing was left; and yet there is a photo.",
            "a photo shows where something was left",
            "cannot",
            &Left { rung: Rung::Again, photo: Some(PHOTO), ..left() },
            &handset(),
        ),
        breaks(
            "look-kem-short",
            "The key to wrap to has 64 bytes.",
            "kem is 65 bytes",
            "refuses",
            &Look { kem: Blob(vec![4; 64]), ..look() },
            &member(),
        ),
        breaks(
            "sign-in-audience-empty",
            "The cloud has no name.",
            "a name has 1 to 64 bytes",
            "refuses",
            &SignIn { audience: String::new(), ..sign_in() },
            &door(),
        ),
    ]
}
