//! Where a parcel went that did not go in: signed by a handset, checked by residents' devices.

use crate::draft::Draft;
use crate::handset::Errands;
use crate::home::Home;
use crate::key;
use crate::text::{self, number};
use crate::trouble::Trouble;
use protocol::assignment::Assignment;
use protocol::bytes::{Hash, VisitId};
use protocol::delegation::Delegation;
use protocol::key::Software;
use protocol::left::{Left, Reason, Rung, photo_hash};
use protocol::roster::Roster;
use protocol::time::{Interval, Timestamp};
use protocol::{Claimed, Credential, Kid};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// A report as the cloud's JSON has it.
#[derive(Debug, Clone, Deserialize, Tsify)]
pub struct Report {
    /// The signed report.
    pub left: String,
    /// The assignment that it names.
    pub assignment: String,
    /// The delegation to the key that signed the assignment.
    pub delegation: String,
}

/// A report in words.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LeftView {
    /// H(assignment).
    pub assignment: String,
    /// The service's root key, if it is proven.
    pub provider: Option<String>,
    /// The visit, if somebody arrived.
    pub visit: Option<String>,
    /// Where it went.
    #[tsify(type = "'neighbour' | 'locker' | 'doorstep' | 'again'")]
    pub rung: &'static str,
    /// Why it did not go in.
    #[tsify(type = "'not_possible' | 'not_going_in' | 'too_big' | 'blocked' | 'gave_up'")]
    pub reason: &'static str,
    /// When, by the handset; ms since 1970.
    pub at_ms: f64,
    /// Hash of the sealed photo, if there is one.
    pub photo: Option<String>,
}

#[wasm_bindgen]
impl Errands {
    /// "Left elsewhere": the rung and the reason by their names, `at` in seconds since 1970. Whoever never arrived names
    /// no visit. `photo` as it was sealed.
    pub fn left(
        &self,
        visit: Option<String>,
        rung: &str,
        reason: &str,
        at: f64,
        photo: Option<Vec<u8>>,
        signer: &str,
    ) -> Result<Draft, Trouble> {
        let assignment = self.assignment_hash()?;
        let visit = visit.map(|visit| text::hex("visit", VisitId::from_hex, &visit)).transpose()?;
        let rung = Rung::named(rung).ok_or_else(|| Trouble::argument("rung", "is none of Plan B"))?;
        let reason = Reason::named(reason).ok_or_else(|| Trouble::argument("reason", "is not known"))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let at = Timestamp(at as u64);
        let photo = photo.map(|sealed| photo_hash(&sealed));
        let left = Left { door: self.door(), assignment, visit, rung, reason, at, photo };
        Draft::of(left, &key::read(signer)?)
    }
}

#[wasm_bindgen]
impl Home {
    /// Checks a report from the service's root key on. `roots` are those that this home's own permissions name.
    #[wasm_bindgen(js_name = checkLeft)]
    pub fn check_left(&self, report: Ts<Report>, roots: Vec<String>) -> Result<Ts<LeftView>, Trouble> {
        let roots: Vec<Kid> =
            roots.iter().map(|root| text::hex("roots", Kid::from_hex, root)).collect::<Result<_, _>>()?;
        Ok(check(self.roster(), &report.to_rust()?, &roots)?.into_ts()?)
    }

    /// What a report says, unproven.
    #[wasm_bindgen(js_name = readLeft)]
    pub fn read_left(&self, left: &str) -> Result<Ts<LeftView>, Trouble> {
        let claimed = Claimed::<Left>::parse(&text::decode("left", left)?)?;
        Ok(view(claimed.unproven()).into_ts()?)
    }
}

fn unproven(detail: &str) -> Trouble {
    Trouble::new("left_unproven", detail)
}

fn check(roster: &Roster, report: &Report, roots: &[Kid]) -> Result<LeftView, Trouble> {
    let claimed = Claimed::<Left>::parse(&text::decode("left", &report.left)?)?;
    let delegation = Claimed::<Delegation>::parse(&text::decode("delegation", &report.delegation)?)?;
    let root = Credential::device(delegation.unproven().root);
    if !roots.contains(&root.kid()) {
        return Err(unproven("no permission of this home names the service's root key"));
    }
    let delegation = delegation.verify(&root, &Software)?;
    let working = Credential::device(delegation.message().key);
    let assignment = Claimed::<Assignment>::parse(&text::decode("assignment", &report.assignment)?)?;
    let assignment = assignment.verify(&working, &Software)?;
    let order = assignment.message();
    if order.provider != root.kid() || order.door != roster.door {
        return Err(unproven("the order is of another service or for another door"));
    }
    let left = claimed.verify(&order.cnf, &Software)?;
    let said = left.message();
    if said.door != roster.door || said.assignment != assignment.hash() {
        return Err(unproven("the report is about another order or another door"));
    }
    if !delegation.message().window.contains(&Interval::exactly(said.at)) {
        return Err(unproven("the service's working key did not count at that time"));
    }
    Ok(LeftView { provider: Some(root.kid().to_string()), ..view(said) })
}

fn view(left: &Left) -> LeftView {
    LeftView {
        assignment: left.assignment.to_string(),
        provider: None,
        visit: left.visit.map(|visit| visit.to_string()),
        rung: left.rung.name(),
        reason: left.reason.name(),
        at_ms: number(left.at.0.saturating_mul(1_000)),
        photo: left.photo.map(|photo| photo.to_string()),
    }
}

impl Errands {
    pub(crate) fn assignment_hash(&self) -> Result<Hash, Trouble> {
        self.assignment().map(Claimed::hash).ok_or_else(|| Trouble::argument("stop", "is a guest's"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::bytes::{AssignmentId, DoorId, HomeId, TourId};
    use protocol::commitment::Commitment;
    use protocol::time::Window;
    use protocol::{DeviceKey, Message, Signed, Signer};

    const DOOR: DoorId = DoorId([7; 16]);

    fn key(seed: u8) -> DeviceKey {
        DeviceKey::from_secret(&[seed; 32]).unwrap()
    }

    fn roster() -> Roster {
        Roster {
            home: HomeId([1; 16]),
            door: DOOR,
            epoch: 1,
            prev: Hash::ZERO,
            door_key: key(1).public(),
            recorder_keys: vec![],
            residents: vec![],
            quorum: 1,
            grants_from: 0,
        }
    }

    fn window() -> Window {
        Window { from: Timestamp(1_000), until: Timestamp(2_000) }
    }

    fn sealed<M: Message>(message: M, by: &DeviceKey) -> (String, Hash) {
        let signed = Signed::sign(message, by).unwrap();
        (text::encode(signed.bytes()), signed.hash())
    }

    fn order() -> Assignment {
        Assignment {
            id: AssignmentId([2; 16]),
            door: DOOR,
            provider: key(20).kid(),
            service: "delivery".into(),
            errands: vec![Commitment(Hash([3; 32]))],
            cnf: key(30).credential(),
            tour: TourId([4; 16]),
            attributes: vec![],
            window: window(),
        }
    }

    /// A right report, each of whose parts may be replaced.
    fn report(
        order: Assignment,
        working: &DeviceKey,
        change: impl FnOnce(&mut Left),
        by: &DeviceKey,
    ) -> Report {
        let delegation = Delegation { root: key(20).public(), key: key(21).public(), window: window() };
        let (assignment, hash) = sealed(order, working);
        let mut left = Left {
            door: DOOR,
            assignment: hash,
            visit: None,
            rung: Rung::Locker,
            reason: Reason::Blocked,
            at: Timestamp(1_500),
            photo: None,
        };
        change(&mut left);
        Report { left: sealed(left, by).0, assignment, delegation: sealed(delegation, &key(20)).0 }
    }

    fn judged(report: &Report) -> Result<&'static str, &'static str> {
        check(&roster(), report, &[key(20).kid()]).map(|view| view.rung).map_err(|why| why.code)
    }

    #[test]
    fn a_report_is_proven_from_the_root_key_down_to_the_handset() {
        let right = || report(order(), &key(21), |_| {}, &key(30));
        assert_eq!(judged(&right()), Ok("locker"));
        let stranger = check(&roster(), &right(), &[key(99).kid()]).unwrap_err();
        assert_eq!(stranger.code, "left_unproven", "a service that this home never allowed");
        let forged = report(order(), &key(21), |_| {}, &key(31));
        assert_eq!(judged(&forged), Err("other_key"), "another handset");
        let self_made = report(order(), &key(22), |_| {}, &key(30));
        assert_eq!(judged(&self_made), Err("other_key"), "an order that no working key signed");
        let other = report(order(), &key(21), |left| left.assignment = Hash([9; 32]), &key(30));
        assert_eq!(judged(&other), Err("left_unproven"), "another order");
        let elsewhere = Assignment { door: DoorId([8; 16]), ..order() };
        assert_eq!(
            judged(&report(elsewhere, &key(21), |_| {}, &key(30))),
            Err("left_unproven"),
            "another door"
        );
        let late = report(order(), &key(21), |left| left.at = Timestamp(2_000), &key(30));
        assert_eq!(judged(&late), Err("left_unproven"), "after the working key's time");
        let mut mixed = right();
        mixed.delegation = mixed.assignment.clone();
        assert!(judged(&mixed).is_err(), "no delegation");
    }
}
