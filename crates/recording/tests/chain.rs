//! Nothing in a recording can be changed, removed, moved or cut without being seen.

mod support;

use proptest::prelude::*;
use protocol::bytes::Blob;
use protocol::{DeviceKey, Hash, Signed};
use recording::chunk::{Kind, Records};
use recording::seal::Beginning;
use recording::{
    Broken, Content, Gap, GapReason, KemSecret, Manifest, PartEntry, PartId, PartOpener, PartSealer,
    Recipient, limits, recover,
};
use support::{Part, check, files, manifest, part, recorder, resident};

fn two_parts() -> Vec<Part> {
    let first = part(0, Hash::ZERO, 4);
    let second = part(1, first.entry.head, 3);
    vec![first, second]
}

#[test]
fn an_untouched_recording_verifies() {
    let parts = two_parts();
    let verified = check(&manifest(&parts), &files(&parts)).unwrap();
    assert_eq!(verified.parts.len(), 2);
    assert_eq!(verified.parts[0].entry, parts[0].entry);
    assert_eq!(parts[0].entry.gaps, 1);
    assert!(parts[0].entry.closed);
}

#[test]
fn no_single_byte_can_be_changed() {
    // One small part: every byte of manifest, header and chunk file in turn.
    let parts = vec![part(0, Hash::ZERO, 1)];
    let (manifest, files) = (manifest(&parts), files(&parts));
    let (header, chunks) = &files[0];
    let mut tried = 0;
    for flip in [0x01, 0x80] {
        for at in 0..manifest.len() {
            let mut changed = manifest.clone();
            changed[at] ^= flip;
            assert!(check(&changed, &files).is_err(), "manifest byte {at}");
            tried += 1;
        }
        for at in 0..header.len() {
            let mut changed = header.clone();
            changed[at] ^= flip;
            assert!(check(&manifest, &[(changed, chunks.clone())]).is_err(), "header byte {at}");
            tried += 1;
        }
        for at in 0..chunks.len() {
            let mut changed = chunks.clone();
            changed[at] ^= flip;
            assert!(check(&manifest, &[(header.clone(), changed)]).is_err(), "chunk file byte {at}");
            tried += 1;
        }
    }
    assert!(tried > 1_500, "{tried}");
}

#[test]
fn no_chunk_can_be_removed_or_swapped_with_another() {
    let parts = two_parts();
    let manifest = manifest(&parts);
    for number in 0..2 {
        let count = parts[number].chunks.len();
        for at in 0..count {
            let mut changed = parts.clone();
            changed[number].chunks.remove(at);
            assert!(check(&manifest, &files(&changed)).is_err(), "part {number} without chunk {at}");
            for other in at + 1..count {
                let mut changed = parts.clone();
                changed[number].chunks.swap(at, other);
                assert!(check(&manifest, &files(&changed)).is_err(), "part {number}, {at} for {other}");
            }
        }
    }
}

#[test]
fn a_cut_tail_shows() {
    let parts = two_parts();
    let manifest = manifest(&parts);
    let whole = files(&parts);
    for cut in 1..whole[1].1.len() {
        let mut changed = whole.clone();
        let kept = changed[1].1.len() - cut;
        changed[1].1.truncate(kept);
        assert!(check(&manifest, &changed).is_err(), "{cut} bytes cut");
    }
}

#[test]
fn a_part_cannot_be_removed_added_swapped_or_taken_from_elsewhere() {
    let parts = two_parts();
    let manifest_of_two = manifest(&parts);
    let whole = files(&parts);
    assert_eq!(check(&manifest_of_two, &whole[..1]), Err(Broken::Parts));
    assert_eq!(check(&manifest_of_two, &whole[1..]), Err(Broken::Parts));
    let swapped = [whole[1].clone(), whole[0].clone()];
    assert_eq!(check(&manifest_of_two, &swapped), Err(Broken::Parts));
    let doubled = [whole[0].clone(), whole[1].clone(), whole[1].clone()];
    assert_eq!(check(&manifest_of_two, &doubled), Err(Broken::Parts));
    assert_eq!(check(&manifest(&parts[..1]), &whole), Err(Broken::Parts));
    // A recorder that signs a manifest without part 0 contradicts its own chain.
    assert_eq!(check(&manifest(&parts[1..]), &whole[1..]), Err(Broken::OtherRecording));
    // A part whose predecessor is another one does not follow.
    let stranger = part(1, Hash([9; 32]), 3);
    let mixed = vec![parts[0].clone(), stranger];
    assert_eq!(check(&manifest(&mixed), &files(&mixed)), Err(Broken::OtherRecording));
}

#[test]
fn only_a_recorder_of_the_home_can_sign() {
    let parts = two_parts();
    let said = Manifest {
        recording: support::RECORDING,
        visit: support::VISIT,
        parts: parts.iter().map(|part| part.entry).collect(),
    };
    let stranger = DeviceKey::from_secret(&[99; 32]).unwrap();
    let forged = Signed::sign(said, &stranger).unwrap();
    assert!(matches!(check(forged.bytes(), &files(&parts)), Err(Broken::Untrusted(_))));
}

#[test]
fn a_closed_flag_that_contradicts_the_chain_shows() {
    let mut parts = two_parts();
    parts[1].entry.closed = false;
    assert_eq!(check(&manifest(&parts), &files(&parts)), Err(Broken::NotClosed));
    parts[1].entry.closed = true;
    parts[1].entry.gaps += 1;
    assert_eq!(check(&manifest(&parts), &files(&parts)), Err(Broken::Entry));
}

#[test]
fn a_manifest_of_another_count_or_another_last_chunk_says_which() {
    let whole = part(0, Hash::ZERO, 4);
    let said = |change: fn(&mut PartEntry)| {
        let mut parts = [whole.clone()];
        change(&mut parts[0].entry);
        check(&manifest(&parts), &files(&parts)).err()
    };
    assert_eq!(said(|_| {}), None);
    assert_eq!(said(|entry| entry.chunks += 1), Some(Broken::Count));
    assert_eq!(said(|entry| entry.head = Hash([9; 32])), Some(Broken::Head));
}

#[test]
fn a_recorder_signs_for_no_other() {
    let whole = part(0, Hash::ZERO, 1);
    let second = DeviceKey::from_secret(&[98; 32]).unwrap();
    let recorders = [recorder().public(), second.public()];
    let verified =
        |bytes: &[u8]| recording::verify::verify_header(bytes, &recorders, &protocol::key::Software);
    let header = verified(&whole.header).unwrap();
    // Both are of the home, and the header still names the first.
    let taken_over = Signed::sign(header.message().clone(), &second).unwrap();
    assert_eq!(verified(taken_over.bytes()), Err(Broken::OtherRecorder));
}

#[test]
fn a_chunk_from_before_the_one_before_it_is_refused() {
    let mut whole = part(0, Hash::ZERO, 4);
    let checked = |part: &Part| {
        let (header, chunks) = (&part.header[..], part.file());
        let file = recording::PartFile { header, chunks: &chunks };
        recording::verify::verify_part(file, &[recorder().public()], &protocol::key::Software).err()
    };
    assert_eq!(checked(&whole), None);
    // Of the last chunk, no other one names the hash.
    whole.chunks.last_mut().unwrap()[9..17].copy_from_slice(&support::START_MS.to_be_bytes());
    assert_eq!(checked(&whole), Some(Broken::Time));
}

#[test]
fn the_key_opens_every_chunk_and_another_key_none() {
    let parts = two_parts();
    let verified = check(&manifest(&parts), &files(&parts)).unwrap();
    for (summary, part) in verified.parts.iter().zip(&parts) {
        let header = summary.header.message();
        let key = resident().unwrap(support::RESIDENT, header).unwrap();
        let opener = PartOpener::new(header, &key).unwrap();
        let opened = opener.open_part(&summary.header, &part.file()).unwrap();
        assert_eq!(opened[0].content, Content::Init(support::init()));
        assert_eq!(opened[1].content, Content::Keyframe(vec![0; 12]));
        assert_eq!(opened[2].content, Content::Delta(vec![1; 12]));
        let gap = opened.iter().find_map(|o| match &o.content {
            Content::Gap(gap) => Some(*gap),
            _ => None,
        });
        let from_ms = gap.unwrap().from_ms;
        assert_eq!(gap, Some(Gap { from_ms, to_ms: from_ms + 700, reason: GapReason::NoFrame }));
        assert!(opened.iter().any(|o| o.content == Content::Mark(Hash([8; 32]))));
        assert_eq!(opened.last().unwrap().content, Content::Final);
    }
    let (first, second) = (verified.parts[0].header.message(), verified.parts[1].header.message());
    let key = resident().unwrap(support::RESIDENT, first).unwrap();
    assert_eq!(PartOpener::new(second, &key).unwrap_err(), Broken::OtherKey);
    assert!(KemSecret::from_seed(&[77; 32]).unwrap(support::RESIDENT, first).is_err());
}

#[test]
fn the_seal_holds_without_the_chain() {
    // A watcher who joins in the middle has no chain yet; the tag alone must catch every changed byte.
    let part = part(0, Hash::ZERO, 3);
    let header =
        recording::verify::verify_header(&part.header, &[recorder().public()], &protocol::key::Software)
            .unwrap();
    let key = resident().unwrap(support::RESIDENT, header.message()).unwrap();
    let opener = PartOpener::new(header.message(), &key).unwrap();
    let chunk = &part.chunks[2];
    assert!(opener.open(&recording::Chunk::parse(chunk).unwrap()).is_ok());
    for at in 0..chunk.len() {
        let mut changed = chunk.clone();
        changed[at] ^= 1;
        let opened = recording::Chunk::parse(&changed).and_then(|chunk| opener.open(&chunk));
        assert!(opened.is_err(), "byte {at}");
    }
}

#[test]
fn recovery_keeps_exactly_the_good_prefix() {
    let part = part(0, Hash::ZERO, 4);
    let header =
        recording::verify::verify_header(&part.header, &[recorder().public()], &protocol::key::Software)
            .unwrap();
    let file = part.file();
    let ends: Vec<usize> = part
        .chunks
        .iter()
        .scan(0, |end, chunk| {
            *end += 4 + chunk.len();
            Some(*end)
        })
        .collect();
    for cut in 0..=file.len() {
        let recovered = recover(&header, &file[..cut]);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(recovered.entry.chunks, whole as u64);
        assert_eq!(recovered.good_bytes, if whole == 0 { 0 } else { ends[whole - 1] });
        assert_eq!(recovered.entry.closed, whole == ends.len());
        // A manifest over the good prefix verifies, and says that the part was not closed.
        if whole > 0 {
            let torn = Part { entry: recovered.entry, ..part.clone() };
            let kept = vec![(part.header.clone(), file[..recovered.good_bytes].to_vec())];
            assert!(check(&manifest(&[torn]), &kept).is_ok());
        }
    }
    let mut zeroed = file.clone();
    zeroed[ends[2]..].fill(0);
    assert_eq!(recover(&header, &zeroed).entry.chunks, 3);
}

#[test]
fn what_a_cloud_holds_beyond_a_crash_is_ignored_and_of_no_other_part() {
    let whole = part(0, Hash::ZERO, 4);
    let mut parts = vec![(whole.header.clone(), whole.file())];
    let header =
        recording::verify::verify_header(&whole.header, &[recorder().public()], &protocol::key::Software)
            .unwrap();
    let torn_at = 4 * 4 + whole.chunks[..4].iter().map(Vec::len).sum::<usize>();
    let torn = recover(&header, &whole.file()[..torn_at + 20]);
    assert_eq!((torn.good_bytes, torn.entry.chunks), (torn_at, 4));
    let manifest_of_torn = manifest(&[Part { entry: torn.entry, ..whole.clone() }]);
    // The cloud got all chunks live; the recorder crashed and found four of them.
    assert_eq!(check(&manifest_of_torn, &parts).unwrap().parts[0].covered_bytes, torn_at);
    // What counts is still held to the manifest, byte by byte.
    for at in 0..torn_at {
        parts[0].1[at] ^= 1;
        assert!(check(&manifest_of_torn, &parts).is_err(), "byte {at}");
        parts[0].1[at] ^= 1;
    }
    // A part that was closed has no surplus.
    let whole_manifest = manifest(std::slice::from_ref(&whole));
    assert!(check(&whole_manifest, &parts).is_ok());
    parts[0].1.extend_from_slice(&[0, 0, 0, 1, 9]);
    assert!(check(&whole_manifest, &parts).is_err());
}

#[test]
fn the_largest_header_and_manifest_fit_their_slot() {
    let recipients: Vec<Recipient> = (0..limits::RECIPIENTS_MAX)
        .map(|n| Recipient {
            kid: protocol::Kid([u8::try_from(n).unwrap(); 32]),
            kem: Blob(resident().public()),
        })
        .collect();
    let number = u32::try_from(limits::PARTS_MAX).unwrap() - 1;
    let begin = |recipients: &[Recipient]| {
        let beginning = Beginning {
            part: PartId { recording: support::RECORDING, number },
            visit: support::VISIT,
            camera: "k".repeat(64),
            prev: Hash([9; 32]),
            started_ms: u64::MAX,
            recipients,
        };
        PartSealer::begin(beginning, &support::init(), &[1; 32], &recorder()).map(|(header, ..)| header)
    };
    assert!(begin(&recipients).unwrap().bytes().len() <= protocol::limits::MESSAGE_BYTES_MAX);
    let extra = Recipient { kid: protocol::Kid([99; 32]), kem: Blob(resident().public()) };
    let one_too_many: Vec<Recipient> = recipients.into_iter().chain([extra]).collect();
    assert!(begin(&one_too_many).is_err());

    let entry = PartEntry {
        header: Hash([9; 32]),
        chunks: u64::MAX,
        head: Hash([9; 32]),
        first_ms: u64::MAX,
        last_ms: u64::MAX,
        gaps: u32::MAX,
        closed: true,
    };
    let parts = vec![entry; limits::PARTS_MAX];
    let manifest = Manifest { recording: support::RECORDING, visit: support::VISIT, parts };
    assert!(Signed::sign(manifest, &recorder()).is_ok());
}

#[test]
fn capture_time_never_goes_back() {
    let (_, mut sealer, first) = support::begin(0, Hash::ZERO, &support::init());
    let late = sealer.frame(support::START_MS + 500, true, vec![1]).unwrap();
    let early = sealer.frame(support::START_MS + 100, false, vec![2]).unwrap();
    let time = |bytes: &[u8]| recording::Chunk::parse(bytes).unwrap().captured_ms;
    assert_eq!(time(&first.bytes), support::START_MS);
    assert_eq!(time(&early.bytes), time(&late.bytes));
}

#[test]
fn a_chunk_has_the_documented_bytes() {
    let part = part(0, Hash::ZERO, 1);
    let chunk = &part.chunks[1];
    assert_eq!(chunk.len(), 49 + 12 + 16);
    assert_eq!(chunk[0], 1);
    assert_eq!(chunk[1..9], 1_u64.to_be_bytes());
    assert_eq!(chunk[9..17], support::START_MS.to_be_bytes());
    let id = [&[1; 16][..], &0_u32.to_be_bytes()].concat();
    assert_eq!(chunk[17..49], Hash::of("chunk", &[&id, &part.chunks[0]]).0);
    let file = part.file();
    assert_eq!(file[..4], u32::try_from(part.chunks[0].len()).unwrap().to_be_bytes());
    let kinds: Vec<Kind> = Records::new(&file).map(|chunk| chunk.unwrap().kind).collect();
    assert_eq!(kinds, [Kind::Init, Kind::Keyframe, Kind::Mark, Kind::Gap, Kind::Final]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_other_order_or_selection_of_chunks_is_refused(
        order in proptest::collection::vec(0_usize..9, 0..12),
    ) {
        let whole = part(0, Hash::ZERO, 5);
        prop_assert_eq!(whole.chunks.len(), 9);
        let chunks: Vec<Vec<u8>> = order.iter().map(|at| whole.chunks[*at].clone()).collect();
        let untouched = order == (0..9).collect::<Vec<_>>();
        let changed = Part { chunks, ..whole.clone() };
        prop_assert_eq!(check(&manifest(&[whole]), &files(&[changed])).is_ok(), untouched);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = part(0, Hash::ZERO, 1);
        let header = recording::verify::verify_header(
            &whole.header, &[recorder().public()], &protocol::key::Software).unwrap();
        let mut file = whole.file();
        file.extend_from_slice(&noise);
        prop_assert_eq!(recover(&header, &file).good_bytes, whole.file().len());
        prop_assert_eq!(recover(&header, &noise).entry.chunks, 0);
        prop_assert!(check(&noise, &files(&[whole])).is_err());
    }
}
