//! A grant: the resident's signed permission. To whom, for what, which door, when, how often, on which terms.

use crate::bytes::{DoorId, GrantId};
use crate::canonical::Malformed;
use crate::commitment::Commitment;
use crate::envelope::Message;
use crate::key::{Credential, Kid};
use crate::limits;
use crate::time::Window;
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// The permission itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// For revocation and receipts.
    #[n(0)]
    pub id: GrantId,
    /// The one door it is for.
    #[n(1)]
    pub door: DoorId,
    /// Roster under which it was signed.
    #[n(2)]
    pub roster_epoch: u64,
    /// Who may come.
    #[n(3)]
    pub to: Grantee,
    /// What for.
    #[n(4)]
    pub errand: Errand,
    /// When: ascending, not overlapping, 1 to 128 of them, at most 92 days in all.
    #[n(5)]
    pub windows: Vec<Window>,
    /// Visits in all.
    #[n(6)]
    pub uses: u32,
    /// Visits in one window.
    #[n(7)]
    pub uses_per_window: u32,
    /// How.
    #[n(8)]
    pub terms: Terms,
}

/// Who may come.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Grantee {
    /// Whoever a provider assigns: named by the fingerprint of its root key.
    #[n(0)]
    Provider {
        /// Thumbprint of the provider's root key.
        #[n(0)]
        root: Kid,
        /// What the resident calls it.
        #[n(1)]
        name: String,
    },
    /// One person's device: a guest. No assignment needed.
    #[n(1)]
    Holder {
        /// The device's key.
        #[n(0)]
        cnf: Credential,
        /// What the resident calls the person.
        #[n(1)]
        name: String,
    },
}

/// What a visit is for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Errand {
    /// These consignments and no others.
    #[n(0)]
    Consignments(#[n(0)] Vec<Commitment>),
    /// Any errand of this service: `delivery`, `pickup`, `cleaning`, `guest`, `installation`.
    #[n(1)]
    Service(#[n(0)] String),
}

/// The conditions of every visit under the grant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Terms {
    /// Cameras that must be recording, each with the greatest age of its picture.
    #[n(0)]
    pub cameras: Vec<Camera>,
    /// What is filmed.
    #[n(1)]
    pub record: Record,
    /// Seconds that the door may stand open.
    #[n(2)]
    pub door_open_s: u32,
    /// How far the visitor may go.
    #[n(3)]
    pub entry: Entry,
    /// Passages in one visit.
    #[n(4)]
    pub entries: u32,
    /// What the provider must attest of the person, such as `employee` or `vetted`; ascending.
    #[n(5)]
    pub attributes: Vec<String>,
    /// Seconds that the home must have held the assignment before it counts.
    #[n(6)]
    pub notice_s: u32,
    /// What happens when someone is home.
    #[n(7)]
    pub occupied: Occupied,
    /// Seconds since the last confirmed revocation list at most, if demanded; at least a day.
    #[n(8)]
    pub revocation_age_s: Option<u64>,
}

/// One camera that must be recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Camera {
    /// Key of the recorder that vouches for it.
    #[n(0)]
    pub recorder: Kid,
    /// Greatest age of its newest picture, milliseconds on the home's clock.
    #[n(1)]
    pub age_ms: u32,
}

/// What is filmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Record {
    /// While the door is open or unlocked: for people who work inside.
    #[n(0)]
    Passages,
    /// From arrival to leaving: for deliveries.
    #[n(1)]
    WholeVisit,
}

/// How far the visitor may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Entry {
    /// Goods go over the threshold, people do not.
    #[n(0)]
    Threshold,
    /// People go in.
    #[n(1)]
    Inside,
}

/// What happens when someone is home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Occupied {
    /// Ring and ask; no answer is a no.
    #[n(0)]
    Ask,
    /// Do not open.
    #[n(1)]
    Refuse,
    /// Open as usual.
    #[n(2)]
    Allow,
}

impl Message for Grant {
    const TYPE: &'static str = "grant";

    fn check(&self) -> Result<(), Malformed> {
        match &self.to {
            Grantee::Provider { name, .. } => check_name(name)?,
            Grantee::Holder { cnf, name } => {
                check_name(name)?;
                cnf.check()?;
            }
        }
        match &self.errand {
            Errand::Consignments(list) => check_errands(list)?,
            Errand::Service(name) => check_name(name)?,
        }
        check_windows(&self.windows)?;
        rule(self.uses >= 1, "uses is at least 1")?;
        rule((1..=self.uses).contains(&self.uses_per_window), "uses_per_window is 1 to uses")?;
        self.terms.check()
    }
}

impl Terms {
    fn check(&self) -> Result<(), Malformed> {
        rule(self.cameras.len() <= limits::CAMERAS_MAX, "at most 4 cameras")?;
        rule(self.cameras.iter().all(|c| c.age_ms >= 1), "age_ms is at least 1")?;
        rule(no_repeats(self.cameras.iter().map(|c| c.recorder)), "a camera is named once")?;
        rule(
            (1..=limits::DOOR_OPEN_S_MAX).contains(&u64::from(self.door_open_s)),
            "door_open_s is 1 to 3600",
        )?;
        rule(self.entries >= 1, "entries is at least 1")?;
        check_attributes(&self.attributes)?;
        rule(
            self.revocation_age_s.is_none_or(|s| s >= limits::REVOCATION_AGE_S_MIN),
            "revocation_age_s is at least 86400",
        )
    }
}

pub(crate) const fn rule(holds: bool, what: &'static str) -> Result<(), Malformed> {
    if holds { Ok(()) } else { Err(Malformed::Rule(what)) }
}

/// For the short lists whose order has a meaning, or none.
pub(crate) fn no_repeats<T: PartialEq>(mut list: impl Iterator<Item = T> + Clone) -> bool {
    while let Some(one) = list.next() {
        if list.clone().any(|other| other == one) {
            return false;
        }
    }
    true
}

pub(crate) fn check_name(name: &str) -> Result<(), Malformed> {
    rule((1..=limits::NAME_BYTES_MAX).contains(&name.len()), "a name has 1 to 64 bytes")?;
    rule(!name.chars().any(char::is_control), "a name has no control characters")
}

pub(crate) fn check_errands(list: &[Commitment]) -> Result<(), Malformed> {
    rule((1..=limits::ERRANDS_MAX).contains(&list.len()), "1 to 32 errands")?;
    rule(list.is_sorted_by(|a, b| a < b), "errands ascend without repeats")
}

pub(crate) fn check_attributes(list: &[String]) -> Result<(), Malformed> {
    rule(list.len() <= limits::ATTRIBUTES_MAX, "at most 16 attributes")?;
    rule(list.is_sorted_by(|a, b| a < b), "attributes ascend without repeats")?;
    list.iter().try_for_each(|name| check_name(name))
}

fn check_windows(windows: &[Window]) -> Result<(), Malformed> {
    rule((1..=limits::WINDOWS_MAX).contains(&windows.len()), "1 to 128 windows")?;
    windows.iter().try_for_each(Window::check)?;
    rule(windows.is_sorted_by(|a, b| a.until <= b.from), "windows ascend without overlap")?;
    match (windows.first(), windows.last()) {
        (Some(first), Some(last)) => {
            rule(last.until.since(first.from) <= limits::GRANT_SPAN_S_MAX, "windows span at most 92 days")
        }
        (_, _) => Ok(()),
    }
}
