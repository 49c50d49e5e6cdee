//! Rosters that nobody in them signed: after a home was taken over with the sheet, and after it was handed over.

use super::{LOG, copy_of, items, verify};
use crate::stage::Stage;
use drafts::household::{handed_over, taken_over, with_sheet};
use letterbox::Card;
use protocol::bytes::{Blob, BootId, Salt};
use protocol::door_event::{Body, Class, Detail, DoorEvent};
use protocol::grant::Grant;
use protocol::key::Software;
use protocol::roster::{Rank, Roster, succeed};
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{DetailOpening, LogEntry};
use protocol::{Claimed, DeviceKey, Hash, Signed, Signer as _, canonical};
use std::fs;
use std::path::{Path, PathBuf};

const SIGNED: &str = "roster.cose";
const BARE: &str = "roster.cbor";
const KEPT: &str = "roster-kept.cbor";

/// A folder of a real delivery, and keys to make what came of its home.
pub(crate) struct Successors<'a> {
    stage: &'a Stage,
    folder: &'a Path,
    /// The owner of before.
    owner: DeviceKey,
    door: DeviceKey,
    sheet: DeviceKey,
    next: DeviceKey,
    tried: usize,
}

impl<'a> Successors<'a> {
    pub(crate) fn new(stage: &'a Stage, folder: &'a Path) -> Self {
        let key = |name: &str| {
            let secret = crate::stage::unhex(fs::read_to_string(stage.path(name)).unwrap().trim());
            DeviceKey::from_secret(&secret.try_into().unwrap()).unwrap()
        };
        let [sheet, next] = [[21; 32], [22; 32]].map(|secret| DeviceKey::from_secret(&secret).unwrap());
        let (owner, door) = (key("resident/device.key"), key("home/door.key"));
        Self { stage, folder, owner, door, sheet, next, tried: 0 }
    }

    pub(crate) fn are_accepted_by_the_doors_word_and_by_nothing_else(&mut self) {
        let first: Claimed<Roster> = Claimed::parse(&fs::read(self.folder.join(SIGNED)).unwrap()).unwrap();
        let sheeted = with_sheet(first.unproven(), first.hash(), self.sheet.public());
        let sheeted = self.follows(first.unproven(), first.hash(), sheeted, &self.owner);
        let kem = Blob(self.next.public().to_sec1().to_vec());
        let card = Card { name: "next".into(), device: self.next.credential(), passkey: None, kem };
        let admitted = card.admitted(sheeted.message(), sheeted.hash(), Rank::Owner);

        let taken = taken_over(admitted.clone());
        let taken = self.follows(sheeted.message(), sheeted.hash(), taken, &self.sheet);
        let both = self.follows(sheeted.message(), sheeted.hash(), admitted, &self.owner);
        let handed = handed_over(both.message(), both.hash(), &[self.next.public().kid()]);
        let handed = self.follows(both.message(), both.hash(), handed, &self.owner);
        for roster in [taken, handed] {
            self.is_accepted_by_the_doors_word_and_by_nothing_else(&roster);
        }
    }

    /// As a home accepts it.
    fn follows(&self, present: &Roster, hash: Hash, next: Roster, signer: &DeviceKey) -> Signed<Roster> {
        assert_eq!(present.door_key, self.door.public());
        let signed = Signed::sign(next, signer).unwrap();
        succeed(present, hash, vec![Claimed::parse(signed.bytes()).unwrap()], &Software).unwrap()
    }

    fn is_accepted_by_the_doors_word_and_by_nothing_else(&mut self, roster: &Signed<Roster>) {
        let first = self.first_counter();
        let bare = canonical::encode(roster.message());
        let kept = self.says(&self.door, first - 1, roster.message().epoch, roster.hash());
        let files = |bare: &[u8], kept: &[u8]| [(BARE, bare.to_vec()), (KEPT, kept.to_vec())];
        let folder = self.with(&files(&bare, &kept));
        assert_eq!(verify(&folder).unwrap().resident, self.next.public().kid());
        // Not one byte is taken on trust.
        for (name, whole) in files(&bare, &kept) {
            for at in 0..whole.len() {
                let mut changed = whole.clone();
                changed[at] ^= 1 << (at % 8);
                fs::write(folder.join(name), changed).unwrap();
                assert!(verify(&folder).is_err(), "{name}: byte {at} was changed, and it was accepted");
            }
            fs::write(folder.join(name), whole).unwrap();
        }
        verify(&folder).unwrap();

        self.refuses("not signed by an owner", &[(SIGNED, roster.bytes().to_vec())]);
        self.refuses("roster-kept.cbor is missing", &[(BARE, bare.clone())]);
        self.refuses("roster.cbor is missing", &[(KEPT, kept.clone())]);
        let mut both = files(&bare, &kept).to_vec();
        both.push((SIGNED, roster.bytes().to_vec()));
        self.refuses("beside", &both);
        // One that the door never kept, in which the next owner has another name.
        let mut other = roster.message().clone();
        other.residents[0].name = "other".into();
        let (other, hash) = (canonical::encode(&other), Signed::sign(other, &self.next).unwrap().hash());
        self.refuses("does not say", &files(&other, &kept));
        let forged = self.says(&self.next, first - 1, roster.message().epoch, hash);
        self.refuses("not signed by the door", &files(&other, &forged));
        let epoch = self.says(&self.door, first - 1, roster.message().epoch + 1, roster.hash());
        self.refuses("does not say", &files(&bare, &epoch));
        let later = self.says(&self.door, first + 1_000, roster.message().epoch, roster.hash());
        self.refuses("after the visit", &files(&bare, &later));
        let mut closed: LogEntry = canonical::decode(&kept, 1 << 16).unwrap();
        closed.opening = None;
        self.refuses("does not say", &files(&bare, &canonical::encode(&closed)));
    }

    #[track_caller]
    fn refuses(&mut self, why: &str, files: &[(&str, Vec<u8>)]) {
        let folder = self.with(files);
        let said = format!("{:#}", verify(&folder).unwrap_err());
        assert!(said.contains(why), "{said}");
    }

    /// The delivery's folder with this roster, and the permission signed by the next owner: what it says is the same, so
    /// the door's log fits.
    fn with(&mut self, files: &[(&str, Vec<u8>)]) -> PathBuf {
        self.tried += 1;
        let copy = copy_of(self.stage, self.folder, &format!("successor-{}", self.tried));
        let grant: Claimed<Grant> = Claimed::parse(&fs::read(copy.join("grant.cose")).unwrap()).unwrap();
        let grant = Signed::sign(grant.unproven().clone(), &self.next).unwrap();
        fs::write(copy.join("grant.cose"), grant.bytes()).unwrap();
        fs::remove_file(copy.join(SIGNED)).unwrap();
        for (name, bytes) in files {
            fs::write(copy.join(name), bytes).unwrap();
        }
        copy
    }

    /// An entry of the door's log: this roster counts.
    fn says(&self, key: &DeviceKey, counter: u64, epoch: u64, roster: Hash) -> Vec<u8> {
        let at = Interval::exactly(Timestamp(1_700_000_000));
        let body = Body::RosterKept { epoch, roster };
        let detail = Detail { at, monotonic: Monotonic(5), visit: None, body };
        let salt = Salt([3; 16]);
        let first: Claimed<Roster> = Claimed::parse(&fs::read(self.folder.join(SIGNED)).unwrap()).unwrap();
        let event = DoorEvent {
            door: first.unproven().door,
            boot: BootId([4; 16]),
            counter,
            prev: Hash([5; 32]),
            class: Class::System,
            detail: detail.commit(salt),
        };
        let event = Blob(Signed::sign(event, key).unwrap().bytes().to_vec());
        let opening = Some(DetailOpening { salt, detail: Blob(canonical::encode(&detail)) });
        canonical::encode(&LogEntry { event, opening })
    }

    /// Of the excerpt in the folder.
    fn first_counter(&self) -> u64 {
        let whole = fs::read(self.folder.join(LOG)).unwrap();
        let first: LogEntry = canonical::decode(&whole[items(&whole)[0].clone()], 1 << 16).unwrap();
        Claimed::<DoorEvent>::parse(&first.event.0).unwrap().unproven().counter
    }
}
