//! A whole recording: checked against its signed manifest, opened, and written as one MP4.

use crate::home::Home;
use crate::text::{self, number};
use crate::trouble::Trouble;
use crate::watch::Wrapped;
use protocol::key::Software;
use protocol::{Kid, PublicKey, Signed};
use recording::chunk::write_record;
use recording::clip::Clip;
use recording::key::KeyError;
use recording::verify::verify_header;
use recording::{Content, PartFile, PartHeader, PartKey, PartOpener, verify_recording};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// Collects the parts of a recording.
#[wasm_bindgen]
pub struct ClipMaker {
    recorders: Vec<PublicKey>,
    /// None: the keys come otherwise.
    kids: Vec<Kid>,
    parts: Vec<Part>,
}

struct Part {
    envelope: Vec<u8>,
    header: Signed<PartHeader>,
    file: Vec<u8>,
    key: Option<PartKey>,
}

/// A clip.
#[wasm_bindgen]
pub struct Made {
    mp4: Vec<u8>,
    about: About,
    sealed: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a clip shows.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Capture time of its first picture, ms since 1970 on the home's clock.
    pub began_ms: f64,
    /// From there to the end.
    pub duration_ms: f64,
    /// Pictures that are missing.
    pub gaps: Vec<Missing>,
    /// Door events, by H(event).
    pub marks: Vec<Marked>,
}

/// Pictures are missing.
#[derive(Debug, Clone, Copy, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// Last picture before, ms since 1970.
    pub from_ms: f64,
    /// First picture after.
    pub to_ms: f64,
}

/// A door event in the recording.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Marked {
    /// ms since 1970.
    pub at_ms: f64,
    /// H(event).
    pub hash: String,
}

#[wasm_bindgen]
impl ClipMaker {
    /// For whoever holds these keys; each part is taken from the first that it is wrapped to.
    #[wasm_bindgen(constructor)]
    pub fn new(home: &Home, kids: Vec<String>) -> Result<Self, Trouble> {
        let kids = kids.iter().map(|kid| text::hex("kid", Kid::from_hex, kid)).collect::<Result<_, _>>()?;
        Ok(Self { recorders: home.roster().recorder_keys.clone(), kids, parts: vec![] })
    }

    /// The next part: its header, the sealed chunks end to end, and how long each is. Answers what its key is wrapped
    /// in; the key goes to [`ClipMaker::key`].
    pub fn part(&mut self, header: &str, sealed: &[u8], lengths: &[u32]) -> Result<Wrapped, Trouble> {
        let wrapped = self.wrapped(header)?;
        self.take(header, sealed, lengths)?;
        Ok(wrapped)
    }

    /// What the key of a part is wrapped in for this recipient.
    pub fn wrapped(&self, header: &str) -> Result<Wrapped, Trouble> {
        let header = verify_header(&text::decode("header", header)?, &self.recorders, &Software)?;
        let copies = self.kids.iter().map(|kid| Wrapped::of(header.message(), *kid));
        copies.reduce(Result::or).unwrap_or_else(|| Err(KeyError::NotForYou.into()))
    }

    /// The key of the part that came last: 32 bytes, as unwrapped.
    pub fn key(&mut self, key: &[u8]) -> Result<(), Trouble> {
        self.put_key(PartKey::from_bytes(text::random("key", key)?))
    }

    /// Checks everything against the signed manifest and writes the clip.
    pub fn finish(self, manifest: &str) -> Result<Made, Trouble> {
        let manifest = text::decode("manifest", manifest)?;
        let files: Vec<PartFile<'_>> =
            self.parts.iter().map(|part| PartFile { header: &part.envelope, chunks: &part.file }).collect();
        verify_recording(&manifest, &files, &self.recorders, &Software)?;
        let mut clip = Clip::new();
        let mut about = About { began_ms: 0.0, duration_ms: 0.0, gaps: vec![], marks: vec![] };
        for part in &self.parts {
            let none = || Trouble::new("part_missing", "a part has no key");
            let opener = PartOpener::new(part.header.message(), part.key.as_ref().ok_or_else(none)?)?;
            let chunks = opener.open_part(&part.header, &part.file)?;
            for chunk in &chunks {
                match &chunk.content {
                    Content::Gap(gap) => {
                        let (from_ms, to_ms) = (number(gap.from_ms), number(gap.to_ms));
                        about.gaps.push(Missing { from_ms, to_ms });
                    }
                    Content::Mark(event) => {
                        about
                            .marks
                            .push(Marked { at_ms: number(chunk.captured_ms), hash: event.to_string() });
                    }
                    Content::Keyframe(_) if about.began_ms == 0.0 => {
                        about.began_ms = number(chunk.captured_ms);
                    }
                    Content::Keyframe(_) | Content::Init(_) | Content::Delta(_) | Content::Final => {}
                }
            }
            clip.add_part(chunks);
        }
        about.duration_ms = number(clip.duration_ms());
        let none = || Trouble::new("recording_empty", "the recording holds no picture");
        let sealed = self.parts.into_iter().map(|part| (part.envelope, part.file)).collect();
        Ok(Made { mp4: clip.into_mp4().ok_or_else(none)?, about, sealed })
    }
}

impl ClipMaker {
    /// For whoever has the keys already, of a recording by one of these recorders.
    pub(crate) const fn by(recorders: Vec<PublicKey>) -> Self {
        Self { recorders, kids: vec![], parts: vec![] }
    }

    /// The next part; its key comes after it.
    pub(crate) fn take(&mut self, header: &str, sealed: &[u8], lengths: &[u32]) -> Result<(), Trouble> {
        let envelope = text::decode("header", header)?;
        let header = verify_header(&envelope, &self.recorders, &Software)?;
        let mut file = Vec::with_capacity(sealed.len());
        let mut rest = sealed;
        for length in lengths {
            let length = usize::try_from(*length).unwrap_or(usize::MAX);
            let short = || Trouble::new("recording_short", "the cloud sent fewer bytes than its index names");
            let (chunk, after) = rest.split_at_checked(length).ok_or_else(short)?;
            write_record(chunk, &mut file);
            rest = after;
        }
        self.parts.push(Part { envelope, header, file, key: None });
        Ok(())
    }

    pub(crate) fn put_key(&mut self, key: PartKey) -> Result<(), Trouble> {
        let none = || Trouble::new("part_missing", "no part waits for a key");
        self.parts.last_mut().ok_or_else(none)?.key = Some(key);
        Ok(())
    }
}

#[wasm_bindgen]
impl Made {
    /// The MP4; can be taken once.
    pub fn mp4(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.mp4)
    }

    /// How many parts the sealed recording has.
    #[wasm_bindgen(getter)]
    pub fn parts(&self) -> usize {
        self.sealed.len()
    }

    /// The signed header of a part, as a delivery folder holds it.
    pub fn header(&self, part: usize) -> Vec<u8> {
        self.sealed.get(part).map(|(header, _)| header.clone()).unwrap_or_default()
    }

    /// The sealed chunks of a part, as a delivery folder holds them; can be taken once.
    pub fn chunks(&mut self, part: usize) -> Vec<u8> {
        self.sealed.get_mut(part).map(|(_, chunks)| std::mem::take(chunks)).unwrap_or_default()
    }

    /// What it shows.
    pub fn about(&self) -> Result<Ts<About>, Trouble> {
        Ok(self.about.into_ts()?)
    }
}
