//! A roster: the keys of one home. Who may grant, who records, which door signs.
//!
//! Roster n+1 is signed by the quorum of roster n. Presence and waiting times for additions are the home's
//! business (`doorkeeper`), not a matter of signatures.

use crate::answer::Word;
use crate::bytes::Blob;
use crate::bytes::{DoorId, Hash, HomeId};
use crate::canonical::Malformed;
use crate::envelope::{Claimed, Message, Signed};
use crate::grant::{check_name, no_repeats, rule};
use crate::key::{Credential, Kid, PublicKey, Verifier};
use crate::limits;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use minicbor::{Decode, Encode};

/// The keys of one home at one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Roster {
    /// The home.
    #[n(0)]
    pub home: HomeId,
    /// Its door.
    #[n(1)]
    pub door: DoorId,
    /// Grows by one with every change; the first is 1.
    #[n(2)]
    pub epoch: u64,
    /// H(roster before); zero for the first.
    #[n(3)]
    pub prev: Hash,
    /// Signs challenges and door events.
    #[n(4)]
    pub door_key: PublicKey,
    /// Sign recording proofs and recordings.
    #[n(5)]
    pub recorder_keys: Vec<PublicKey>,
    /// Everyone's keys, each with what it may do; ascending by key identifier.
    #[n(6)]
    pub residents: Vec<Resident>,
    /// How many owners must sign the next roster.
    #[n(7)]
    pub quorum: u32,
    /// Grants signed under an earlier epoch no longer count.
    #[n(8)]
    pub grants_from: u64,
}

/// One resident's key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Resident {
    /// The key.
    #[n(0)]
    pub credential: Credential,
    /// What it may do.
    #[n(1)]
    pub role: Rank,
    /// First epoch that named it.
    #[n(2)]
    pub since: u64,
    /// What people call the device.
    #[n(3)]
    pub name: String,
    /// HPKE public key (P-256, uncompressed SEC1, 65 bytes) to which recording keys are wrapped.
    #[n(4)]
    pub kem: Option<Blob>,
}

/// What a resident's key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Rank {
    /// Everything, including the roster.
    #[n(0)]
    Owner,
    /// Grants, revocations, watching; not the roster, and never lifting a block.
    #[n(1)]
    Member,
    /// Unwraps recordings after every device is lost. Signs a roster that takes the home over, and nothing else.
    #[n(2)]
    Recovery,
    /// Says no, never yes: the key that works silently in a page beside a person's passkey. Signs in, watches, adds to
    /// the revocation list, answers *stop* and *coming*.
    #[n(3)]
    Companion,
}

/// What people call the printed key.
const RECOVERY_NAME: &str = "recovery sheet";

impl Resident {
    /// The key on a recovery sheet: it opens recordings and takes the home over when every device is lost.
    pub fn recovery(key: PublicKey, since: u64) -> Self {
        Self {
            credential: Credential::device(key),
            role: Rank::Recovery,
            since,
            name: RECOVERY_NAME.into(),
            kem: Some(Blob(key.to_sec1().to_vec())),
        }
    }
}

impl Rank {
    /// Lets people in: grants, confirmations, *allow*.
    pub const fn says_yes(self) -> bool {
        match self {
            Self::Owner | Self::Member => true,
            Self::Recovery | Self::Companion => false,
        }
    }

    /// Keeps people out: revocation lists, *stop*, *coming*.
    pub const fn says_no(self) -> bool {
        match self {
            Self::Owner | Self::Member | Self::Companion => true,
            Self::Recovery => false,
        }
    }
}

impl Roster {
    /// The owner with this key: owners sign rosters.
    pub fn owner(&self, kid: Kid) -> Option<&Resident> {
        self.owners().find(|r| r.credential.kid() == kid)
    }

    /// The recovery key with this identifier. What it may sign: [`succeed`].
    pub fn recovery(&self, kid: Kid) -> Option<&Resident> {
        self.resident(kid).filter(|r| r.role == Rank::Recovery)
    }

    /// The resident with this key, if it may sign grants and confirmations.
    pub fn grantor(&self, kid: Kid) -> Option<&Resident> {
        self.resident(kid).filter(|r| r.role.says_yes())
    }

    /// The resident with this key, if it may sign revocation lists. What its list may do to the one before:
    /// [`crate::revocation::Revocation::may_follow`].
    pub fn revoker(&self, kid: Kid) -> Option<&Resident> {
        self.resident(kid).filter(|r| r.role.says_no())
    }

    /// The resident with this key, if it may answer with this word.
    pub fn answerer(&self, kid: Kid, word: Word) -> Option<&Resident> {
        match word {
            Word::Allow => self.grantor(kid),
            Word::Stop | Word::Coming => self.resident(kid).filter(|r| r.role.says_no()),
        }
    }

    /// The resident with this key, if it may start a camera outside a visit. A companion may not: it signs without
    /// asking anybody, and a camera starts only where a person pressed something.
    pub fn looker(&self, kid: Kid) -> Option<&Resident> {
        self.grantor(kid)
    }

    /// The recorder with this key.
    pub fn recorder(&self, kid: Kid) -> Option<PublicKey> {
        self.recorder_keys.iter().copied().find(|key| key.kid() == kid)
    }

    /// The epochs of grants by this resident that count: what it signed since it came, unless a re-key ended it.
    pub fn epochs_of(&self, signer: &Resident) -> RangeInclusive<u64> {
        signer.since.max(self.grants_from)..=self.epoch
    }

    fn resident(&self, kid: Kid) -> Option<&Resident> {
        self.residents.iter().find(|r| r.credential.kid() == kid)
    }

    fn owners(&self) -> impl Iterator<Item = &Resident> {
        self.residents.iter().filter(|r| r.role == Rank::Owner)
    }
}

impl Message for Roster {
    const TYPE: &'static str = "roster";

    fn check(&self) -> Result<(), Malformed> {
        rule(self.epoch >= 1, "epoch starts at 1")?;
        rule((self.epoch == 1) == (self.prev == Hash::ZERO), "exactly the first roster has no predecessor")?;
        rule((1..=limits::RESIDENTS_MAX).contains(&self.residents.len()), "1 to 16 residents")?;
        rule(
            self.residents.is_sorted_by(|a, b| a.credential.kid() < b.credential.kid()),
            "residents ascend by key without repeats",
        )?;
        rule(self.recorder_keys.len() <= limits::CAMERAS_MAX, "at most 4 recorder keys")?;
        rule(no_repeats(self.recorder_keys.iter()), "a recorder key is named once")?;
        rule(
            (1..=self.owners().count()).contains(&usize::try_from(self.quorum).unwrap_or(0)),
            "quorum is 1 to owners",
        )?;
        rule(self.grants_from <= self.epoch, "grants_from is at most epoch")?;
        self.residents.iter().try_for_each(|r| {
            check_name(&r.name)?;
            rule((1..=self.epoch).contains(&r.since), "since is 1 to epoch")?;
            rule(r.kem.as_ref().is_none_or(|k| k.0.len() == limits::KEM_BYTES), "kem is 65 bytes")?;
            r.credential.check()
        })
    }
}

/// Why a roster does not follow the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotNext {
    /// No signature at all, or signatures over different rosters.
    Mixed,
    /// It does not name the present roster as its predecessor, or skips an epoch.
    NotSuccessor,
    /// Home, door or door key changed: that is a new home, not a new roster.
    OtherHome,
    /// A key that stays claims another `since`, or a new one an old `since`.
    Since,
    /// `grants_from` went back.
    GrantsFrom,
    /// Not enough valid signatures of present owners.
    Quorum,
}

impl NotNext {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mixed => "roster_mixed",
            Self::NotSuccessor => "roster_not_successor",
            Self::OtherHome => "roster_other_home",
            Self::Since => "roster_since",
            Self::GrantsFrom => "roster_grants_from",
            Self::Quorum => "roster_quorum",
        }
    }
}

/// Accepts `next` in place of `present`, by the signatures of the present quorum, or by a recovery key if `next` takes
/// the home over. `next` holds one envelope per signer, all over the same roster.
pub fn succeed(
    present: &Roster,
    present_hash: Hash,
    next: Vec<Claimed<Roster>>,
    verifier: &dyn Verifier,
) -> Result<Signed<Roster>, NotNext> {
    let first = next.first().ok_or(NotNext::Mixed)?;
    let hash = first.hash();
    if next.iter().any(|claimed| claimed.hash() != hash) {
        return Err(NotNext::Mixed);
    }
    follows(present, present_hash, first.unproven())?;

    let mut proven: Vec<Signed<Roster>> = Vec::new();
    for claimed in next {
        let owner = present.owner(claimed.kid());
        let sheet = present.recovery(claimed.kid()).filter(|_| takes_over(present, claimed.unproven()));
        let Some(signer) = owner.or(sheet) else { continue };
        let Ok(signed) = claimed.verify(&signer.credential, verifier) else { continue };
        if sheet.is_some() {
            return Ok(signed);
        }
        if proven.iter().all(|p| p.signer() != signed.signer()) {
            proven.push(signed);
        }
    }
    let enough = proven.len() >= usize::try_from(present.quorum).unwrap_or(usize::MAX);
    proven.into_iter().next().filter(|_| enough).ok_or(NotNext::Quorum)
}

/// What a recovery key may sign: every grant ends, and of the keys that were there only recovery keys stay, as they were.
/// So nobody is let in beside residents who do not notice.
fn takes_over(present: &Roster, next: &Roster) -> bool {
    let goes_or_is_paper = |was: &Resident| {
        let now = next.resident(was.credential.kid());
        now.is_none_or(|now| was.role == Rank::Recovery && now == was)
    };
    next.grants_from == next.epoch && present.residents.iter().all(goes_or_is_paper)
}

/// Whether `next`, which [`succeed`] accepted, hands the home over: a quorum of owners signed it who are not in it any more,
/// and nothing that was signed before counts under it. Then another household begins, and what was of the one before is
/// not for it to see. With the recovery sheet it is the same household that goes on: no owner signs that.
pub fn hands_over(present: &Roster, next: &[Claimed<Roster>], verifier: &dyn Verifier) -> bool {
    let Some(roster) = next.first().map(Claimed::unproven) else { return false };
    let begins = |one: &Resident| !one.role.says_yes() || *roster.epochs_of(one).start() == roster.epoch;
    let signed = |owner: &Resident| {
        let by_them = |one: &&Claimed<Roster>| one.kid() == owner.credential.kid();
        next.iter().filter(by_them).any(|one| one.clone().verify(&owner.credential, verifier).is_ok())
    };
    let leaves = |owner: &&Resident| roster.resident(owner.credential.kid()).is_none();
    let leaving = present.owners().filter(leaves).filter(|owner| signed(owner)).count();
    leaving >= usize::try_from(present.quorum).unwrap_or(usize::MAX) && roster.residents.iter().all(begins)
}

fn follows(present: &Roster, present_hash: Hash, next: &Roster) -> Result<(), NotNext> {
    if next.prev != present_hash || next.epoch != present.epoch.saturating_add(1) {
        return Err(NotNext::NotSuccessor);
    }
    if next.home != present.home || next.door != present.door || next.door_key != present.door_key {
        return Err(NotNext::OtherHome);
    }
    if next.grants_from < present.grants_from {
        return Err(NotNext::GrantsFrom);
    }
    let since_is_true = |r: &Resident| {
        let before = present.residents.iter().find(|p| p.credential == r.credential);
        r.since == before.map_or(next.epoch, |p| p.since)
    };
    if next.residents.iter().all(since_is_true) { Ok(()) } else { Err(NotNext::Since) }
}
