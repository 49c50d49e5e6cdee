//! What a stolen cloud opens, alone and with others' keys: every row of the table in `SECURITY.md` that a page can show.

use breakin::attempt::{
    Answer, Arrival, At, Attempt, Camera, Device, First, Opened, Order, Parcel, Permission, Radio, Time,
};
use breakin::play::Game;

const NOW: u64 = 1_800_000_000;
const PERMISSIONS: [Permission; 6] = [
    Permission::Used,
    Permission::Tomorrow,
    Permission::Altered,
    Permission::OtherDoor,
    Permission::Own,
    Permission::Forged,
];
const ORDERS: [Order; 5] = [Order::Relayed, Order::Own, Order::MadeUp, Order::Provider, Order::Nothing];
const ARRIVALS: [Arrival; 3] = [Arrival::Fresh, Arrival::Replayed, Arrival::Courier];
const DEVICES: [Device; 3] = [Device::Thief, Device::Forged, Device::Handset];
const ANSWERS: [Answer; 2] = [Answer::Fresh, Answer::Replayed];
const PARCELS: [Parcel; 3] = [Parcel::Guessed, Parcel::Announced, Parcel::Other];

fn game() -> Game {
    Game::new([7; 32], NOW)
}

/// The cloud with nothing but what it relays, when it would matter.
const CLOUD: Attempt = Attempt {
    has_handset: false,
    has_provider: false,
    first: First::Nothing,
    permission: Permission::Tomorrow,
    order: Order::Relayed,
    arrival: Arrival::Fresh,
    device: Device::Thief,
    answer: Answer::Fresh,
    parcel: Parcel::Guessed,
    camera: Camera::Films,
    radio: Radio::Quiet,
    time: Time::Tomorrow,
};

/// The courier's handset, used as its courier would.
const HANDSET: Attempt =
    Attempt { has_handset: true, device: Device::Handset, parcel: Parcel::Announced, ..CLOUD };

/// The provider's working key sends a handset of its own.
const PROVIDER: Attempt =
    Attempt { has_provider: true, order: Order::Provider, parcel: Parcel::Announced, ..CLOUD };

/// All nos of an attempt that opens nothing.
fn stops(attempt: Attempt) -> Vec<(At, &'static str, Option<u8>)> {
    let outcome = game().attempt(&attempt).unwrap();
    assert_eq!(outcome.opened, None, "{attempt:?}");
    assert!(!outcome.stops.is_empty(), "shut, and nobody says why: {attempt:?}");
    outcome.stops.into_iter().map(|stop| (stop.at, stop.code, stop.check)).collect()
}

fn opened(attempt: Attempt) -> Option<Opened> {
    let outcome = game().attempt(&attempt).unwrap();
    assert_eq!(outcome.opened.is_some(), outcome.stops.is_empty(), "{attempt:?}: {outcome:?}");
    outcome.opened
}

#[test]
fn a_cloud_that_replays_yesterday_is_told_that_the_visit_is_over() {
    let attempt = Attempt {
        permission: Permission::Used,
        arrival: Arrival::Replayed,
        answer: Answer::Replayed,
        time: Time::Now,
        ..CLOUD
    };
    assert_eq!(
        stops(attempt),
        [(At::Arrival, "visit_over", None), (At::Answer, "challenge_unknown", Some(3))]
    );
}

#[test]
fn an_old_answer_to_a_new_question_is_not_taken() {
    let attempt = Attempt { arrival: Arrival::Courier, answer: Answer::Replayed, ..CLOUD };
    assert_eq!(stops(attempt), [(At::Answer, "challenge_unknown", Some(3))]);
}

#[test]
fn a_grant_signed_by_the_cloud_is_not_kept() {
    let attempt = Attempt { permission: Permission::Own, order: Order::Own, ..CLOUD };
    assert_eq!(
        stops(attempt),
        [
            (At::Permission, "signer_unknown", Some(4)),
            (At::Order, "delegation_missing", Some(7)),
            (At::Arrival, "grant_unknown", Some(4)),
        ]
    );
}

#[test]
fn a_grant_in_the_residents_name_needs_the_residents_signature() {
    let first = |attempt| stops(attempt)[0];
    let forged = Attempt { permission: Permission::Forged, ..CLOUD };
    assert_eq!(first(forged), (At::Permission, "grant_signature", Some(4)));
    let altered = Attempt { permission: Permission::Altered, time: Time::Now, ..CLOUD };
    assert_eq!(first(altered), (At::Permission, "grant_signature", Some(4)));
}

#[test]
fn a_grant_for_another_door_opens_this_one_for_nobody() {
    let attempt = Attempt { permission: Permission::OtherDoor, time: Time::Now, ..HANDSET };
    assert_eq!(stops(attempt)[0], (At::Permission, "wrong_door", Some(4)));
}

#[test]
fn a_used_grant_is_used_also_for_the_courier_who_used_it() {
    let attempt = Attempt { permission: Permission::Used, time: Time::Now, ..HANDSET };
    assert_eq!(stops(attempt), [(At::Arrival, "used_up", Some(5))]);
}

#[test]
fn tomorrows_grant_does_not_count_today_nor_when_the_home_does_not_know_the_day() {
    assert_eq!(stops(Attempt { time: Time::Now, ..HANDSET }), [(At::Arrival, "outside_window", Some(6))]);
    assert_eq!(stops(Attempt { radio: Radio::Clock, ..HANDSET }), [(At::Arrival, "clock_unknown", Some(6))]);
}

#[test]
fn without_the_couriers_key_nobody_arrives_and_nobody_answers() {
    assert_eq!(stops(CLOUD), [(At::Arrival, "arrival_signature", None)]);
    let in_its_name = Attempt { device: Device::Forged, ..CLOUD };
    assert_eq!(stops(in_its_name), [(At::Arrival, "arrival_signature", None)]);
    for device in [Device::Thief, Device::Forged] {
        let answers = Attempt { arrival: Arrival::Courier, device, ..CLOUD };
        assert_eq!(stops(answers), [(At::Answer, "presentation_signature", Some(8))]);
    }
}

#[test]
fn an_order_needs_the_granted_provider() {
    let first = |order| stops(Attempt { order, ..CLOUD })[0];
    assert_eq!(first(Order::Own), (At::Order, "delegation_missing", Some(7)));
    assert_eq!(first(Order::MadeUp), (At::Arrival, "wrong_provider", Some(7)));
    assert_eq!(first(Order::Nothing), (At::Arrival, "assignment_missing", Some(7)));
}

#[test]
fn another_parcel_or_a_guessed_salt_opens_nothing() {
    for parcel in [Parcel::Other, Parcel::Guessed] {
        assert_eq!(stops(Attempt { parcel, ..HANDSET }), [(At::Answer, "wrong_parcel", Some(8))]);
    }
}

#[test]
fn without_the_recorders_own_picture_the_door_stays_shut() {
    for camera in [Camera::Frozen, Camera::Forged] {
        assert_eq!(stops(Attempt { camera, ..HANDSET }), [(At::Answer, "recording_missing", Some(10))]);
    }
    let late = Attempt { camera: Camera::CutLate, ..HANDSET };
    assert_eq!(stops(late), [(At::Answer, "witness_missing", Some(14))]);
}

#[test]
fn what_is_jammed_or_torn_is_never_taken_for_the_good_case() {
    let jammed = Attempt { radio: Radio::Contact, ..HANDSET };
    assert_eq!(stops(jammed), [(At::Answer, "door_not_shut", Some(1))]);
    let torn = Attempt { answer: Answer::Torn, ..HANDSET };
    assert_eq!(stops(torn), [(At::Answer, "malformed", Some(2))]);
}

#[test]
fn a_roster_of_the_cloud_makes_it_no_resident() {
    let attempt = Attempt { first: First::Roster, permission: Permission::Own, ..CLOUD };
    let stops = stops(attempt);
    assert_eq!(
        stops[..2],
        [(At::Roster, "roster_refused", None), (At::Permission, "signer_unknown", Some(4))]
    );
}

#[test]
fn a_handset_opens_in_its_window_once() {
    let mut game = game();
    let outcome = game.attempt(&HANDSET).unwrap();
    assert_eq!(outcome.opened, Some(Opened { device: Device::Handset, filmed: true }));
    assert_eq!(outcome.stops, []);
    let again = game.attempt(&HANDSET).unwrap();
    assert_eq!((again.opened, again.stops[0].code), (None, "used_up"));
    game.reset();
    assert!(game.attempt(&HANDSET).unwrap().opened.is_some());
}

#[test]
fn a_providers_key_opens_in_the_signed_window() {
    assert_eq!(opened(PROVIDER), Some(Opened { device: Device::Thief, filmed: true }));
    assert!(stops(Attempt { time: Time::Now, ..PROVIDER })[0].1 == "outside_window");
    assert!(stops(Attempt { permission: Permission::Own, ..PROVIDER })[0].1 == "signer_unknown");
}

#[test]
fn nobody_uses_a_key_that_is_not_on_the_tray() {
    for attempt in [
        Attempt { device: Device::Handset, ..CLOUD },
        Attempt { order: Order::Provider, ..CLOUD },
        Attempt { parcel: Parcel::Announced, ..CLOUD },
    ] {
        assert!(game().attempt(&attempt).is_err(), "{attempt:?}");
    }
}

/// Every combination at the door, at both times; nothing torn, and camera and radio undisturbed: that only ever stands
/// in the way.
fn everything() -> impl Iterator<Item = Attempt> {
    let of = |permission| ORDERS.map(|order| Attempt { permission, order, ..CLOUD });
    let papers = PERMISSIONS.into_iter().flat_map(of);
    let arrivals = papers.flat_map(|a| ARRIVALS.map(|arrival| Attempt { arrival, ..a }));
    let devices = arrivals.flat_map(|a| DEVICES.map(|device| Attempt { device, ..a }));
    let answers = devices.flat_map(|a| ANSWERS.map(|answer| Attempt { answer, ..a }));
    let parcels = answers.flat_map(|a| PARCELS.map(|parcel| Attempt { parcel, ..a }));
    parcels.flat_map(|a| [Time::Now, Time::Tomorrow].map(|time| Attempt { time, ..a }))
}

#[test]
fn of_all_that_a_cloud_alone_can_put_together_nothing_opens() {
    let mut game = game();
    let mut tried = 0;
    for attempt in everything() {
        // What needs another's key is refused before the door hears of it.
        let Ok(outcome) = game.attempt(&attempt) else { continue };
        tried += 1;
        assert_eq!(outcome.opened, None, "{attempt:?}");
        assert!(!outcome.stops.is_empty(), "{attempt:?}");
    }
    assert_eq!(tried, 6 * 4 * 3 * 2 * 2 * 2 * 2);
}

#[test]
fn with_everything_on_the_tray_the_door_opens_for_what_the_table_says_and_for_nothing_else() {
    let mut game = game();
    let mut found = 0;
    // Whatever is tried in another's place is tried above; here with all keys, for the papers of tomorrow.
    for attempt in everything().filter(|a| a.permission == Permission::Tomorrow && a.answer == Answer::Fresh)
    {
        let attempt = Attempt { has_handset: true, has_provider: true, ..attempt };
        let handset = attempt.device == Device::Handset;
        let by_the_handset = handset
            && (attempt.arrival == Arrival::Courier
                || attempt.arrival == Arrival::Fresh && attempt.order == Order::Relayed);
        let by_the_provider = attempt.device == Device::Thief
            && attempt.arrival == Arrival::Fresh
            && attempt.order == Order::Provider;
        let expected = (by_the_handset || by_the_provider)
            && attempt.parcel == Parcel::Announced
            && attempt.time == Time::Tomorrow;
        game.reset();
        let outcome = game.attempt(&attempt).unwrap();
        assert_eq!(outcome.opened.is_some(), expected, "{attempt:?}: {outcome:?}");
        found += usize::from(expected);
    }
    assert_eq!(found, 7);
}
