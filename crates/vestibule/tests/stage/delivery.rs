//! The steps of a delivery, as people type them.

use super::process::Process;
use super::{SOON, Said, Stage};
use protocol::door_event::{Body, Detail};
use protocol::uplink::LogEntry;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Three parcels, one opening.
pub(crate) const LABELS: [&str; 3] = ["RR123456785DE", "RR473124829DE", "LX100200304DE"];

/// A handset that stays at the door.
pub(crate) struct Handset(pub(crate) Process);

impl Handset {
    /// Whether one of its lines says that `word` is true; the whole log if not yet. Panics if it ended without.
    #[track_caller]
    pub(crate) fn has_said(&mut self, word: &str) -> Result<(), String> {
        let is_running = self.0.is_running();
        let log = self.0.log();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if lines.any(|line| line[word] == true) {
            return Ok(());
        }
        assert!(is_running, "the handset left before it was told `{word}`: {log}");
        Err(log)
    }
}

impl Stage {
    /// Everything up to the first delivery: cloud, virtual home, hub, and everyone known to each other.
    #[track_caller]
    pub(crate) fn raise(&mut self) {
        if self.cloud.is_none() {
            self.start_cloud();
        }
        self.start_house();
        self.make_home();
        self.pair();
        self.start_hub();
        self.enrol_provider("provider", "courier");
    }

    /// The resident's device makes the first roster, and the hub pins it.
    #[track_caller]
    pub(crate) fn pair(&self) {
        let invitation = self.path("invitation.json");
        std::fs::write(&invitation, self.invitation().to_string()).unwrap();
        self.person("resident", &["enrol", "--invitation", &self.text("invitation.json")]).ok();
        let (home, roster) = (self.text("home"), self.text("resident/roster.cose"));
        self.run(&["hub", "pair", "--dir", &home, "--roster", &roster]).ok();
    }

    /// What the hub shows as a QR code.
    #[track_caller]
    pub(crate) fn invitation(&self) -> Value {
        let said = self.at_hub("invitation");
        serde_json::from_str(&said.out).unwrap_or_else(|why| panic!("{why}: {said:?}"))
    }

    /// What the sticker at the door says.
    #[track_caller]
    pub(crate) fn door_tag(&self) -> String {
        self.invitation()["door_tag"].as_str().unwrap().into()
    }

    /// A provider signs up, is admitted, and enrols a handset; the card is `<courier>.json`.
    #[track_caller]
    pub(crate) fn enrol_provider(&self, provider: &str, courier: &str) {
        let (keys, handset) = (self.text(provider), self.text(courier));
        self.person_in("provider", &keys, &["sign-up", "--name", "Parcel service"]).ok();
        let kid = self.run(&["operator", "--keys", &keys, "key"]).ok();
        self.person("operator", &["admit", kid["kid"].as_str().unwrap()]).ok();
        let card = self.person_in("visitor", &handset, &["card"]);
        let file = self.text(&format!("{courier}.json"));
        std::fs::write(&file, &card.out).unwrap();
        self.person_in("provider", &keys, &["handset", &file]).ok();
    }

    /// The papers of a delivery: announced, approved, confirmed at the hub where it asks for that, assigned.
    /// Answers with H(grant).
    #[track_caller]
    pub(crate) fn permit(&self, labels: &[&str]) -> String {
        self.permit_visits(labels, 1)
    }

    /// The same, for so many visits.
    #[track_caller]
    pub(crate) fn permit_visits(&self, labels: &[&str], uses: u32) -> String {
        let number = self.person("resident", &["number"]).ok();
        let mut announce = vec!["announce", "--number", number["number"].as_str().unwrap()];
        for label in labels {
            announce.extend(["--label", label]);
        }
        self.person("provider", &announce).ok();
        let approved = self.person("resident", &["approve", "--yes", "--uses", &uses.to_string()]).ok();
        let grant = approved["hash"].as_str().unwrap_or_else(|| panic!("nothing approved: {approved}"));
        let pending = self.status()["grants_pending"].as_array().cloned().unwrap_or_default();
        if pending.contains(&json!(grant)) {
            self.run(&["hub", "confirm", "--dir", &self.text("home"), "--grant", grant]).ok();
        }
        self.person("provider", &["assign", "--card", &self.text("courier.json")]).ok();
        grant.into()
    }

    /// The courier is at the door of the first stop that is possible now. Answers with the visit's name.
    #[track_caller]
    pub(crate) fn arrive(&self) -> String {
        let tour = self.person("courier", &["tour"]);
        let stop = tour.lines.iter().find(|stop| stop["possible_now"] == true);
        let stop = stop.unwrap_or_else(|| panic!("no stop is possible now: {:?}", tour.lines));
        let arrived = self.arrive_at(stop["stop"].as_u64().unwrap(), &self.door_tag()).ok();
        arrived["visit"].as_str().unwrap().into()
    }

    /// The courier says to be at a stop of the tour, counted from 1, and what the sticker says.
    pub(crate) fn arrive_at(&self, stop: u64, tag: &str) -> Said {
        self.person("courier", &["arrive", "--stop", &stop.to_string(), "--tag", tag])
    }

    /// The courier scans labels.
    pub(crate) fn scan(&self, labels: &[&str]) -> Said {
        self.person("courier", &["scan"].iter().chain(labels).copied().collect::<Vec<_>>())
    }

    /// Pushes the door, brings parcels in, pulls it shut, and waits until the bolt is really thrown.
    #[track_caller]
    pub(crate) fn bring_in(&self, labels: &[&str]) {
        self.open_door();
        for label in labels {
            let before = self.truth()["parcels_inside"].as_u64().unwrap();
            self.act(&json!({ "parcel": { "label": label } }));
            self.until_truth("the parcel inside", SOON, |truth| truth["parcels_inside"] == before + 1);
        }
        self.close_door();
        self.until_locked(SOON);
    }

    /// Pushes the door open.
    #[track_caller]
    pub(crate) fn open_door(&self) {
        self.act(&json!("push"));
        self.until_truth("the open door", SOON, |truth| truth["door"] == "open");
    }

    /// Pulls the door shut.
    #[track_caller]
    pub(crate) fn close_door(&self) {
        self.act(&json!("close"));
        self.until_truth("the closed door", SOON, |truth| truth["door"] == "closed");
    }

    /// Waits until door and bolt are really shut.
    #[track_caller]
    pub(crate) fn until_locked(&self, within: Duration) {
        self.until_truth("the locked door", within, |truth| {
            truth["bolt"] == "locked" && truth["door"] == "closed"
        });
    }

    /// The courier scans labels and stays connected, as an app does, until the door is locked; then says that all are
    /// inside. Returns once the door is open.
    #[track_caller]
    pub(crate) fn scan_and_stay(&self, labels: &[&str]) -> Handset {
        let (keys, cloud) = (self.text("courier"), self.cloud_url());
        let mut arguments = vec!["visitor", "--keys", &keys, "--cloud", &cloud, "scan", "--stay"];
        arguments.extend(labels);
        let mut handset = Handset(self.spawn("handset", &arguments));
        self.until("the open door", SOON, || handset.has_said("open"));
        handset
    }

    /// The door has told the handset that the visit is over.
    #[track_caller]
    pub(crate) fn until_ended(&self, handset: &mut Handset) {
        self.until("the end of the visit", SOON, || handset.has_said("ended"));
    }

    /// The courier is back at the door on a new connection, says how many parcels are inside, and waits for the end.
    #[track_caller]
    pub(crate) fn depart(&self, parcels: u32) {
        self.person("courier", &["done", "--parcels", &parcels.to_string()]).ok();
    }

    /// A visit to a door that was permitted: arrive, scan, bring in, say goodbye. Answers with the visit's name.
    #[track_caller]
    pub(crate) fn visit(&self, labels: &[&str]) -> String {
        let visit = self.arrive();
        let mut handset = self.scan_and_stay(labels);
        self.bring_in(labels);
        self.until_ended(&mut handset);
        visit
    }

    /// One whole delivery. Answers with the visit's name.
    #[track_caller]
    pub(crate) fn deliver(&self, labels: &[&str]) -> String {
        self.permit(labels);
        self.visit(labels)
    }

    /// The proof of a visit, as a folder of the stage.
    #[track_caller]
    pub(crate) fn collect(&self, visit: &str, folder: &str) -> PathBuf {
        let (out, courier, provider) = (self.text(folder), self.text("courier"), self.text("provider"));
        let papers =
            ["folder", "--visit", visit, "--out", &out, "--courier", &courier, "--provider", &provider];
        self.person("resident", &papers).ok();
        out.into()
    }

    /// The home's own door log, from the running hub, opened.
    #[track_caller]
    pub(crate) fn door_log(&self) -> Vec<Detail> {
        let answer = self.ask_hub(&json!({ "ask": "log" })).expect("the hub does not answer");
        let entries = answer["log"].as_array().unwrap().iter();
        let detail = |entry: &Value| {
            let entry: LogEntry =
                protocol::canonical::decode(&unhex(entry.as_str().unwrap()), 1 << 16).unwrap();
            let opening = entry.opening.expect("the home keeps every detail");
            protocol::canonical::decode(&opening.detail.0, 1 << 16).unwrap()
        };
        entries.map(detail).collect()
    }

    /// How often the hub decided to move the bolt for a visitor, in its whole life.
    #[track_caller]
    pub(crate) fn openings(&self) -> usize {
        self.door_log().iter().filter(|detail| matches!(detail.body, Body::Intent(_))).count()
    }
}

/// Bytes of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}
