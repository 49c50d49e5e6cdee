//! Whole visits through the doorkeeper, in good order and in bad.

use crate::world::{
    self, DOOR, DiskMood, LockMood, World, blob, door_key, grant, handset, key, opening, owner,
};
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Input, Output, RecorderOrder};
use protocol::answer::{Answer, Word};
use protocol::bytes::{Hash, VisitId};
use protocol::door_event::{Body, Outcome};
use protocol::door_log::check_receipt;
use protocol::key::Software;
use protocol::revocation::Revocation;
use protocol::time::Timestamp;
use protocol::uplink::{FromVisitor, Paper, ToVisitor};

const VISIT: VisitId = VisitId([0x11; 16]);

fn deliver(world: &mut World) {
    world.arrive(VISIT);
    world.scan(VISIT, &[1, 2, 3]);
    world.report_door(Door::Open);
    world.pass(5_000);
    world.report_door(Door::Closed);
    world.pass(2_000);
    world.farewell(VISIT, 3);
}

#[test]
fn three_parcels_go_in_with_one_opening() {
    let mut world = World::new();
    deliver(&mut world);
    assert_eq!(world.unlocks(), 1);
    assert_eq!(world.locks(), 1);
    assert!(world.said.contains(&ToVisitor::Open));
    assert!(world.said.contains(&ToVisitor::Secured));
    assert_eq!(world.said.last(), Some(&ToVisitor::Ended));
    assert!(world.alarms().is_empty());

    let events = world.events();
    let first = events.iter().position(|body| matches!(body, Body::Arrived { .. })).unwrap();
    let order = |body: &Body| match body {
        Body::Arrived { .. } => "arrived",
        Body::Intent(intent) => {
            assert_eq!(intent.parcels, 3);
            "intent"
        }
        Body::Opened => "opened",
        Body::DoorOpened => "door open",
        Body::DoorClosed => "door closed",
        Body::Relocked => "relocked",
        Body::Secured(heads) => {
            assert_eq!(heads.len(), 1);
            "secured"
        }
        Body::Farewell { parcels: 3, .. } => "farewell",
        Body::VisitEnded(end) => {
            assert_eq!(end.outcome, Outcome::Secured);
            "ended"
        }
        other => panic!("unexpected {other:?}"),
    };
    let names: Vec<_> = events[first..].iter().map(order).collect();
    assert_eq!(
        names,
        [
            "arrived",
            "intent",
            "opened",
            "door open",
            "door closed",
            "relocked",
            "secured",
            "farewell",
            "ended"
        ]
    );
}

#[test]
fn the_receipt_of_a_visit_shows_omission_rewriting_and_a_cut_tail() {
    let mut world = World::new();
    deliver(&mut world);
    let entries = world.entries();
    let first = world.events().iter().position(|body| matches!(body, Body::Arrived { .. })).unwrap();
    let receipt = entries[first..].to_vec();
    let check = |entries: &[_]| check_receipt(DOOR, door_key().public(), entries, &Software);
    assert_eq!(check(&receipt).unwrap().parcels, 3);
    assert!(check(&receipt[..receipt.len() - 1]).is_err(), "cut tail");
    assert!(check(&receipt[1..]).is_err(), "cut head");
    for index in 0..receipt.len() {
        let mut omitted = receipt.clone();
        omitted.remove(index);
        assert!(check(&omitted).is_err(), "event {index} was left out");
        let mut rewritten = receipt.clone();
        rewritten[index].opening.as_mut().unwrap().detail.0[3] ^= 1;
        assert!(check(&rewritten).is_err(), "event {index} was rewritten");
    }
}

#[test]
fn nothing_opens_without_a_presentation() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.pass(700_000);
    assert_eq!(world.unlocks(), 0);
}

#[test]
fn a_presentation_opens_once_and_never_again() {
    let mut world = World::new();
    world.arrive(VISIT);
    let presentation = blob(world.presentation(&[1]), &handset());
    world.visitor(VISIT, FromVisitor::Presentation(presentation.clone()));
    assert_eq!(world.unlocks(), 1);
    world.report_door(Door::Open);
    world.report_door(Door::Closed);
    world.pass(2_000);
    world.visitor(VISIT, FromVisitor::Presentation(presentation.clone()));
    world.pass(100_000);
    world.visitor(VISIT, FromVisitor::Presentation(presentation));
    world.arrive(VisitId([0x12; 16]));
    assert_eq!(world.unlocks(), 1);
    assert!(world.refusals().contains(&"used_up".into()));
}

/// A visitor who may go in so often has arrived; and H(grant).
fn arrived_for_entries(entries: u32) -> (World, Hash) {
    let mut world = World::empty();
    let many =
        protocol::grant::Grant { terms: protocol::grant::Terms { entries, ..world::terms() }, ..grant() };
    let hash = world::hash(&many);
    world.keep_papers(many, world::assignment());
    world.pass(1_000_000);
    let arrival = protocol::arrival::Arrival { grant: hash, ..world::arrival(VISIT) };
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    (world, hash)
}

/// The newest challenge, answered with the first parcel.
fn presented(world: &World, grant: Hash) -> FromVisitor {
    let presentation = protocol::presentation::Presentation { grant, ..world.presentation(&[1]) };
    FromVisitor::Presentation(blob(presentation, &handset()))
}

/// A visit of many entries goes on, and so does its challenge's half minute: whoever recorded the answer says it again.
#[test]
fn an_answer_that_opened_opens_nothing_again_in_the_same_visit() {
    let (mut world, many) = arrived_for_entries(8);
    let heard = presented(&world, many);
    world.visitor(VISIT, heard.clone());
    assert_eq!(world.unlocks(), 1, "{:?}", world.refusals());
    world.report_door(Door::Open);
    world.report_door(Door::Closed);
    world.pass(3_000);
    assert!(world.was_secured());
    world.visitor(VISIT, heard);
    assert_eq!(world.refusals(), ["challenge_unknown"]);
    world.pass(3_000);
    assert_eq!(world.unlocks(), 1);
}

#[test]
fn one_of_three_parcels_wrong_opens_nothing_and_says_so() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1, 2, 9]);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["wrong_parcel"]);
    assert!(world.said.contains(&ToVisitor::WrongParcel));
    world.scan(VISIT, &[1, 2]);
    assert_eq!(world.unlocks(), 1, "the right parcels may be scanned after a wrong one");
}

#[test]
fn five_wrong_scans_end_it() {
    let mut world = World::new();
    world.arrive(VISIT);
    for _ in 0..5 {
        world.scan(VISIT, &[9]);
    }
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0);
}

#[test]
fn a_stolen_presentation_key_of_another_device_opens_nothing_and_wears_no_flash() {
    let mut world = World::new();
    world.arrive(VISIT);
    let before = world.records.len();
    for _ in 0..20 {
        let presentation = world.presentation(&[1]);
        world.visitor(VISIT, FromVisitor::Presentation(blob(presentation, &key(99))));
    }
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.records.len(), before);
}

#[test]
fn no_camera_no_opening() {
    let mut world = World::new();
    world.recorder_sees = false;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.pass(5_000);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["recording_missing"]);
}

#[test]
fn the_bolt_waits_for_the_disk_and_for_the_witness() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.disk = DiskMood::Silent;
    world.scan(VISIT, &[1]);
    world.pass(60_000);
    assert_eq!(world.unlocks(), 0, "the intent was not durable");

    let mut world = World::new();
    world.recorder_witnesses = false;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.pass(1_000);
    assert_eq!(world.unlocks(), 0, "the recorder did not witness the intent");
    assert_eq!(world.refusals(), ["witness_missing"]);
}

/// The decision is made, its intent is on its way to a slow disk, and then something happens.
#[test]
fn what_changes_while_the_intent_waits_for_the_disk_opens_nothing() {
    type Change = fn(&mut World);
    let meanwhile: [(&str, Change); 4] = [
        ("door_not_shut", |world| world.report_door(Door::Open)),
        ("smoke", |world| world.give(Input::Sensor(doorkeeper::sensors::Report::Smoke(true)))),
        ("blocked", |world| world.give(Input::Paper { id: 9, paper: block() })),
        ("local_no", |world| world.give(Input::LocalNo)),
    ];
    for (refusal, happens) in meanwhile {
        let mut world = World::new();
        world.arrive(VISIT);
        world.disk = DiskMood::Silent;
        world.scan(VISIT, &[1]);
        happens(&mut world);
        world.disk = DiskMood::Syncs;
        world.disk_catches_up();
        world.pass(100);
        assert_eq!((world.unlocks(), world.refusals()), (0, vec![refusal.to_owned()]));
    }
}

#[test]
fn a_crash_after_the_burn_costs_nobody_the_delivery_and_opens_nothing_twice() {
    let mut world = World::new();
    world.recorder_witnesses = false;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    let mut world = world.crash();
    world.arrive(VisitId([0x12; 16]));
    assert_eq!(
        world.refusals().last().map(String::as_str),
        Some("used_up"),
        "the use is bound to the first visit"
    );
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1, "the same visit may present again");
    world.report_door(Door::Open);
    let mut world = world.crash();
    assert!(!world.alarms().is_empty(), "an open door at the start is an alarm");
    world.report_door(Door::Closed);
    world.pass(3_000);
    assert_eq!(world.locks(), 1, "relocked by the new start");
    assert!(world.was_secured());
    world.said.clear();
    world.arrive(VISIT);
    world.pass(1_000);
    let challenged = world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_)));
    assert!(!challenged, "its one entry is used: no challenge any more");
}

#[test]
fn a_start_with_an_open_door_films_on_before_anybody_comes_back() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    let world = world.crash();
    let films = |output: &Output| matches!(output, Output::Recorder(RecorderOrder::Start { visit, .. }) if *visit == VISIT);
    assert!(world.outputs.iter().any(films));
}

#[test]
fn unlocked_and_closed_at_the_start_is_locked() {
    let mut world = World::start(&[], 1_000, Door::Closed, Bolt::Unlocked);
    world.pass(2_000);
    assert_eq!(world.locks(), 1);
    assert!(world.was_secured());
}

#[test]
fn a_door_that_was_open_at_the_start_is_an_alarm_until_it_is_locked() {
    let mut world = World::start(&[], 1_000, Door::Open, Bolt::Unlocked);
    world.pass(5_000);
    assert_eq!(world.alarms(), ["unclear_at_start"]);
    let over = Body::AlarmOver("unclear_at_start".into());
    world.report_door(Door::Closed);
    assert!(!world.happened(&over));
    world.pass(2_000);
    assert!(world.was_secured());
    assert!(world.happened(&over));
}

#[test]
fn whoever_crosses_the_line_is_an_alarm_until_their_visit_ends() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.give(Input::LineCrossed);
    world.give(Input::LineCrossed);
    world.report_door(Door::Closed);
    world.pass(2_000);
    let over = Body::AlarmOver("line_crossed".into());
    assert!(world.was_secured());
    assert_eq!(world.alarms(), ["line_crossed"]);
    assert!(!world.happened(&over));
    world.farewell(VISIT, 1);
    assert!(world.happened(&over));
    assert!(matches!(world.events().last(), Some(Body::VisitEnded(_))));
}

#[test]
fn a_stuck_lock_may_be_tried_three_times() {
    let mut world = World::new();
    world.lock = LockMood::Stuck;
    world.arrive(VISIT);
    for _ in 0..3 {
        world.scan(VISIT, &[1]);
        world.pass(15_000);
    }
    world.pass(30_000);
    assert_eq!(world.unlocks(), 3);
    assert_eq!(world.refusals(), ["lock_stuck"; 3]);
}

#[test]
fn a_bolt_that_stuck_before_it_was_told_to_lock_is_not_withdrawn_for_it() {
    let mut world = World::new();
    world.lock = LockMood::Silent;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.lock = LockMood::Obeys;
    world.pass(1_000);
    world.report_bolt(Bolt::Jammed);
    world.pass(3_000);
    assert_eq!((world.unlocks(), world.locks()), (1, 1), "{:?}", world.moves);
    assert!(world.was_secured());
}

#[test]
fn a_lock_that_falls_silent_after_unlock_is_never_called_secured() {
    let mut world = World::new();
    world.lock = LockMood::Silent;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.pass(60_000);
    assert!(!world.was_secured(), "it may have opened: nothing was heard of the bolt since");
    assert_eq!(world.alarms(), ["not_locked"]);
    assert!(world.said.contains(&ToVisitor::MayGo));
    world.lock = LockMood::Obeys;
    world.pass(60_000);
    assert!(world.was_secured(), "the next try was answered");
}

#[test]
fn a_door_that_was_open_is_not_secured_by_what_the_lock_said_before() {
    let mut world = World::new();
    world.lock = LockMood::Silent;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.pass(3_000);
    world.report_door(Door::Closed);
    assert!(!world.was_secured(), "\"locked\" was said before the door opened");
    world.lock = LockMood::Obeys;
    world.pass(2_000);
    assert_eq!(world.locks(), 1);
    assert!(world.was_secured());
}

#[test]
fn a_bolt_that_leaves_or_sticks_unasked_is_told_of_though_the_lock_says_nothing_more() {
    let mut world = World::new();
    world.report_bolt(Bolt::Unlocking);
    world.pass(60_000);
    assert_eq!(world.alarms(), ["unlocked_unasked"]);

    let mut world = World::new();
    world.report_bolt(Bolt::Jammed);
    assert_eq!(world.alarms(), ["bolt_jammed"]);
    world.report_bolt(Bolt::Locked);
    assert!(world.happened(&Body::AlarmOver("bolt_jammed".into())));

    let mut world = World::new();
    world.arrive(VISIT);
    world.report_bolt(Bolt::Jammed);
    world.pass(2_000);
    assert_eq!(world.locks(), 1, "in a visit it is tried again");
    assert!(world.was_secured());
}

#[test]
fn a_visit_does_not_end_before_the_passage_that_a_crash_interrupted() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.lock = LockMood::Silent;
    let mut world = world.crash();
    world.farewell(VISIT, 1);
    world.pass(10_000);
    let ended = |world: &World| world.events().iter().any(|body| matches!(body, Body::VisitEnded(_)));
    assert!(!ended(&world), "the door stands open, and the recording must go on");
    world.report_door(Door::Closed);
    world.pass(2_000);
    assert!(world.was_secured());
    assert!(ended(&world));
}

#[test]
fn after_a_crash_a_still_picture_is_told_though_an_earlier_intent_opened_nothing() {
    let mut world = World::new();
    world.recorder_witnesses = false;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.pass(2_000);
    assert_eq!(world.refusals(), ["witness_missing"]);
    world.recorder_witnesses = true;
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    let mut world = world.crash();
    world.give(Input::Recorder(doorkeeper::RecorderNews::Frozen(true)));
    world.pass(3_000);
    assert!(world.alarms().contains(&"picture_frozen".into()), "{:?}", world.alarms());
}

#[test]
fn a_revoked_grant_opens_nothing_and_the_home_confirms() {
    let mut world = World::new();
    world.arrive(VISIT);
    let list = Revocation { grants: vec![grant().id], ..world::revocation(1) };
    assert_eq!(world.keep(Paper::Revocation(blob(list, &owner()))), None);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["revoked"]);
    assert!(world.events().iter().any(|body| matches!(body, Body::RevocationKept { sequence: 1, .. })));
}

#[test]
fn a_resident_can_stop_the_visit_but_never_moves_the_bolt_towards_a_person() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Stop };
    world.give(Input::Answer(blob(answer, &owner())));
    world.pass(10_000);
    assert_eq!(world.locks(), 0);
    world.report_door(Door::Closed);
    world.pass(2_000);
    assert_eq!(world.locks(), 1);
}

#[test]
fn an_unlock_that_nobody_asked_for_is_an_alarm() {
    let mut world = World::new();
    world.report_bolt(Bolt::Unlocked);
    assert_eq!(world.alarms(), ["unlocked_unasked"]);
    world.report_bolt(Bolt::Locked);
    assert!(world.happened(&Body::AlarmOver("unlocked_unasked".into())));
}

#[test]
fn an_unlock_that_shows_its_way_or_comes_after_silence_is_an_alarm_too() {
    let once = ["unlocked_unasked"].as_slice();
    let stuck = ["bolt_jammed", "unlocked_unasked"].as_slice();
    for (between, alarms) in [(Bolt::Unlocking, once), (Bolt::Unknown, once), (Bolt::Jammed, stuck)] {
        let mut world = World::new();
        world.report_bolt(between);
        world.report_bolt(Bolt::Unlocked);
        world.report_bolt(between);
        world.report_bolt(Bolt::Unlocked);
        assert_eq!(world.alarms(), alarms, "{between:?}");
    }
}

/// The first alarm once stayed out, and hid the second unlock: nobody was told, and nothing locked the door again.
#[test]
fn a_second_unlock_that_nobody_asked_for_is_told_and_locked_again_too() {
    let mut world = World::new();
    world.arrive(VISIT);
    for times in 1..=2 {
        world.report_bolt(Bolt::Unlocked);
        assert_eq!(world.alarms(), vec!["unlocked_unasked"; times]);
        world.pass(2_000);
        assert_eq!((world.locks(), world.bolt), (times, Bolt::Locked));
    }
    let over = Body::AlarmOver("unlocked_unasked".into());
    assert_eq!(world.events().into_iter().filter(|body| *body == over).count(), 2);
}

/// Somebody goes out while a courier waits for the resident's word: the scan still waits, and a visit that opened nothing
/// ends after ten minutes as one that opened nothing.
#[test]
fn whoever_goes_out_past_a_waiting_visitor_changes_nothing_for_the_visit() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::Sensor(Report::Occupied(Some(true))));
    world.scan(VISIT, &[1]);
    world.report_bolt(Bolt::Unlocked);
    world.report_door(Door::Open);
    world.pass(3_000);
    world.report_door(Door::Closed);
    world.pass(3_000);
    assert!(world.was_secured());
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Allow };
    world.give(Input::Answer(blob(answer, &owner())));
    assert_eq!(world.unlocks(), 1, "the scan was still waiting for that word");

    let mut world = World::new();
    world.arrive(VISIT);
    world.report_bolt(Bolt::Unlocked);
    world.pass(700_000);
    let not_opened = |body: &Body| matches!(body, Body::VisitEnded(end) if end.outcome == Outcome::NotOpened);
    assert!(world.events().iter().any(not_opened));
}

#[test]
fn a_lost_picture_during_the_passage_is_an_alarm_and_moves_nothing() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.recorder_sees = false;
    world.report_door(Door::Open);
    world.pass(4_000);
    assert_eq!(world.alarms(), ["recording_lost"]);
    assert_eq!((world.unlocks(), world.locks()), (1, 0));
}

#[test]
fn guests_need_no_assignment_and_assigned_papers_do() {
    let mut world = World::new();
    let mut arrival = world::arrival(VISIT);
    arrival.assignment = None;
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    assert!(!world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))));
}

#[test]
fn a_challenge_lives_thirty_seconds_and_is_renewed_before() {
    let mut world = World::new();
    world.arrive(VISIT);
    let old = world.presentation(&[1]);
    world.pass(31_000);
    world.visitor(VISIT, FromVisitor::Presentation(blob(old, &handset())));
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["challenge_expired"]);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1);
}

#[test]
fn the_first_grant_to_an_unseen_key_waits_unless_confirmed() {
    let mut world = World::empty();
    let mut quick = grant();
    quick.terms.notice_s = 0;
    world.keep_papers(quick.clone(), world::assignment());
    let mut arrival = world::arrival(VISIT);
    arrival.grant = world::hash(&quick);
    let arrival = blob(arrival, &handset());
    world.visitor(VISIT, FromVisitor::Arrival(arrival.clone()));
    assert_eq!(world.refusals(), ["grant_pending"]);
    world.give(Input::PresenceConfirms(world::hash(&quick)));
    world.visitor(VISIT, FromVisitor::Arrival(arrival));
    assert!(world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))));
}

#[test]
fn only_members_of_the_roster_are_heard() {
    let mut world = World::new();
    let stranger = key(77);
    assert_eq!(
        world.keep(Paper::Grant(blob(
            protocol::grant::Grant { id: protocol::bytes::GrantId([9; 16]), ..grant() },
            &stranger
        ))),
        Some("signer_unknown")
    );
    world.arrive(VISIT);
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Stop };
    world.give(Input::Answer(blob(answer, &stranger)));
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1);
    let _same_scan = opening(1);
    assert_ne!(Hash::ZERO, world::hash(&grant()));
}

#[test]
fn local_no_stops_an_opening() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::LocalNo);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["local_no"]);
}

#[test]
fn the_journal_failing_closes_the_door_for_visitors_and_says_so() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::JournalFailed);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0);
    assert!(world.outputs.iter().any(|o| matches!(o, Output::Alarm { on: true, .. })));
}

#[test]
fn a_visit_that_ended_does_not_begin_again() {
    let mut world = World::new();
    deliver(&mut world);
    world.pass(120_000);
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1, "the same visit id came back after its end");
    assert!(world.refusals().contains(&"visit_over".into()));
}

fn block() -> Paper {
    let list = Revocation { blocked: true, ..world::revocation(1) };
    Paper::Revocation(blob(list, &owner()))
}

#[test]
fn a_block_that_the_home_confirmed_stops_a_visitor_who_is_waiting_at_the_door() {
    let mut world = World::new();
    world.give(Input::Sensor(doorkeeper::sensors::Report::Occupied(Some(true))));
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0, "someone is home, the terms ask");
    assert_eq!(world.keep(block()), None);
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Allow };
    world.give(Input::Answer(blob(answer, &owner())));
    world.pass(5_000);
    assert_eq!(world.unlocks(), 0, "the resident had read: blocked, your door has confirmed");
    assert!(world.refusals().contains(&"blocked".into()));
}

#[test]
fn a_window_that_ends_while_the_visitor_waits_opens_nothing() {
    let mut world = World::empty();
    let ends = protocol::time::Window { until: Timestamp(world::START + 1_020), ..world::window() };
    let short = protocol::grant::Grant { windows: vec![ends], ..grant() };
    world.keep_papers(short.clone(), world::assignment());
    world.pass(1_000_000);
    world.give(Input::Sensor(doorkeeper::sensors::Report::Occupied(Some(true))));
    let arrival = protocol::arrival::Arrival { grant: world::hash(&short), ..world::arrival(VISIT) };
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    let presentation =
        protocol::presentation::Presentation { grant: world::hash(&short), ..world.presentation(&[1]) };
    world.visitor(VISIT, FromVisitor::Presentation(blob(presentation, &handset())));
    world.pass(30_000);
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Allow };
    world.give(Input::Answer(blob(answer, &owner())));
    world.pass(5_000);
    assert_eq!(world.unlocks(), 0);
    assert!(world.refusals().contains(&"outside_window".into()), "{:?}", world.refusals());
    let is_decided = |body: &Body| matches!(body, Body::Intent(_));
    assert!(!world.events().iter().any(is_decided), "and costs no use");
}

#[test]
fn smoke_while_the_visitor_waits_for_an_answer_costs_no_use() {
    let mut world = World::new();
    world.give(Input::Sensor(doorkeeper::sensors::Report::Occupied(Some(true))));
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.give(Input::Sensor(doorkeeper::sensors::Report::Smoke(true)));
    let answer = Answer { door: DOOR, visit: VISIT, word: Word::Allow };
    world.give(Input::Answer(blob(answer, &owner())));
    world.pass(1_000);
    assert_eq!((world.unlocks(), world.refusals()), (0, vec!["smoke".to_owned()]));
    assert!(!world.events().iter().any(|body| matches!(body, Body::Intent(_))));
}

#[test]
fn entries_that_succeed_are_no_tries() {
    let (mut world, many) = arrived_for_entries(8);
    for entry in 1..=8 {
        let heard = presented(&world, many);
        world.visitor(VISIT, heard);
        assert_eq!(world.unlocks(), entry, "{:?}", world.refusals());
        world.report_door(Door::Open);
        world.report_door(Door::Closed);
        world.pass(3_000);
    }
}

#[test]
fn a_clock_that_contradicts_itself_admits_nobody_and_is_not_written_down() {
    let mut world = World::new();
    let ms = world.ms;
    let at = |lo, hi| protocol::time::Interval { lo: Timestamp(lo), hi: Timestamp(hi) };
    let confused =
        doorkeeper::Now { interval: at(world::START + 2_000, world::START + 1_000), ..world::now(ms) };
    let arrival = FromVisitor::Arrival(blob(world::arrival(VISIT), &handset()));
    world.doorkeeper.handle(confused, Input::FromVisitor { visit: VISIT, word: arrival });
    world.give(Input::Tick);
    assert_eq!(world.refusals(), ["clock_unknown"]);
    for entry in world.entries() {
        let detail = protocol::door_event::Detail::read(&entry.opening.unwrap().detail.0);
        assert!(detail.is_ok(), "{detail:?}");
    }
}
