//! Recordings and photos.

use super::messages::{Credulous, read};
use super::support::{Part, RECORDING, RESIDENT, part as sealed_part, recorder, resident};
use protocol::bytes::{Blob, DoorId};
use protocol::{Claimed, Hash, Signed};
use recording::chunk::Records;
use recording::verify::verify_recording;
use recording::{
    Chunk, Manifest, PartFile, PartHeader, PartId, PartKey, PartOpener, Photo, recover, verify_part,
};
use std::sync::OnceLock;

/// A small part: as it lies in its files, its header once more, and its key.
struct Sealed {
    part: Part,
    header: Signed<PartHeader>,
    key: PartKey,
}

fn sealed() -> &'static Sealed {
    static SEALED: OnceLock<Sealed> = OnceLock::new();
    SEALED.get_or_init(|| {
        let part = sealed_part(0, Hash::ZERO, 3);
        let claimed = Claimed::<PartHeader>::parse(&part.header).expect("its own");
        let by = protocol::Credential::device(recorder().public());
        let header = claimed.verify(&by, &Credulous).expect("signed");
        let key = resident().unwrap(RESIDENT, header.message()).expect("wrapped to this resident");
        Sealed { part, header, key }
    })
}

pub(crate) fn chunk(bytes: &[u8]) -> bool {
    let Ok(chunk) = Chunk::parse(bytes) else { return false };
    let _ = chunk.hash(PartId { recording: RECORDING, number: 0 });
    true
}

/// A part file of a real header: what a crash left, and what somebody bent.
pub(crate) fn part(bytes: &[u8]) -> bool {
    let Sealed { header, key, .. } = sealed();
    let recovered = recover(header, bytes);
    assert!(recovered.good_bytes <= bytes.len());
    let again = recover(header, &bytes[..recovered.good_bytes]);
    assert_eq!(again, recovered, "what was good stays good");
    let read = Records::new(bytes).flatten().count();
    let part = PartFile { header: header.bytes(), chunks: bytes };
    let verified = verify_part(part, &[recorder().public()], &Credulous);
    let key_fits = PartOpener::new(header.message(), key).expect("its key");
    let opened = key_fits.open_part(header, bytes);
    assert!(opened.is_err() || verified.is_ok(), "opened what does not verify");
    if let Ok(opened) = opened {
        let mut clip = recording::clip::Clip::new();
        clip.add_part(opened);
        let _ = clip.into_mp4();
    }
    read > 0
}

/// A manifest with one real part.
pub(crate) fn manifest(bytes: &[u8]) -> bool {
    let Sealed { part, header, .. } = sealed();
    let file = &part.file();
    let parts = [PartFile { header: header.bytes(), chunks: file }];
    let _ = verify_recording(bytes, &parts, &[recorder().public()], &Credulous);
    let _ = verify_part(PartFile { header: bytes, chunks: file }, &[recorder().public()], &Credulous);
    read::<Manifest>(bytes) || Claimed::<PartHeader>::parse(bytes).is_ok()
}

pub(crate) fn photo(bytes: &[u8]) -> bool {
    let Ok(photo) = Photo::parse(bytes) else { return false };
    let _ = photo.open(&sealed().key);
    true
}

/// A JPEG without what tells where and when: what is bare stays as it is.
pub(crate) fn jpeg(bytes: &[u8]) -> bool {
    let Some(bare) = recording::jpeg::bare(bytes) else { return false };
    assert_eq!(recording::jpeg::bare(&bare).as_ref(), Some(&bare), "bare is bare");
    true
}

pub(crate) fn chunks() -> Vec<Vec<u8>> {
    sealed().part.chunks.clone()
}

pub(crate) fn part_files() -> Vec<Vec<u8>> {
    vec![sealed().part.file()]
}

pub(crate) fn manifests() -> Vec<Vec<u8>> {
    let Sealed { part, .. } = sealed();
    vec![super::support::manifest(std::slice::from_ref(part)), part.header.clone()]
}

pub(crate) fn photos() -> Vec<Vec<u8>> {
    let kem = Blob(resident().public());
    let picture = picture();
    vec![Photo::seal(DoorId([1; 16]), Hash([2; 32]), &picture, &[kem], &[6; 32]).expect("a small picture")]
}

pub(crate) fn pictures() -> Vec<Vec<u8>> {
    vec![picture()]
}

/// A picture that tells where it was taken. No decoder takes it.
fn picture() -> Vec<u8> {
    let segment = |kind: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
        [&[0xFF, kind][..], &length, body].concat()
    };
    [
        &[0xFF, 0xD8][..],
        &segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
        &segment(0xE1, b"Exif\0\0MM\0*GPSLatitude 52.5"),
        &segment(0xDB, &[0; 65]),
        &segment(0xC0, &[8, 3, 192, 5, 0, 1, 1, 0x11, 0]),
        &segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        &[1, 0xFF, 0, 2, 0xFF, 0xD3, 9, 0xFF, 0xD9],
    ]
    .concat()
}
