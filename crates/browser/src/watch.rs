//! Watching live: sealed chunks come from the cloud and are opened here; out come pieces for Media Source Extensions.

use crate::home::Home;
use crate::text::{self, number};
use crate::trouble::Trouble;
use protocol::bytes::RecordingId;
use protocol::key::Software;
use protocol::limits::CHUNK_BYTES_MAX;
use protocol::media::ToMedia;
use protocol::{Kid, PublicKey, Signed, canonical};
use recording::chunk::Chunk;
use recording::fmp4::{Fragments, codec, init_segment};
use recording::key::WrappedCopy;
use recording::verify::{Chain, verify_header};
use recording::{Content, PartHeader, PartKey, PartOpener};
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes around a chunk in a message.
const AROUND_BYTES_MAX: usize = 4_096;

/// What HPKE wants for a part's key beside the secret, which stays in WebCrypto.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone)]
pub struct Wrapped {
    /// For whom: 64 hexadecimal digits.
    pub kid: String,
    /// Encapsulated key.
    pub enc: Vec<u8>,
    /// Ciphertext.
    pub ct: Vec<u8>,
    /// `info`.
    pub info: Vec<u8>,
    /// `aad`.
    pub aad: Vec<u8>,
}

impl Wrapped {
    pub(crate) fn of(header: &PartHeader, kid: Kid) -> Result<Self, Trouble> {
        Ok(WrappedCopy::of(header, kid)?.into())
    }
}

impl From<WrappedCopy<'_>> for Wrapped {
    fn from(copy: WrappedCopy<'_>) -> Self {
        let kid = Kid(copy.aad).to_string();
        Self { kid, enc: copy.enc.into(), ct: copy.ct.into(), info: copy.info, aad: copy.aad.into() }
    }
}

/// What a message of the live stream was.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenKind {
    /// A part begins: unwrap its key, give it to [`Watch::key`], then go on.
    Part,
    /// The player's first piece.
    Init,
    /// A picture.
    Frame,
    /// Pictures are missing.
    Gap,
    /// Nothing to show.
    Nothing,
    /// The recording is complete.
    End,
}

/// One message of the live stream, opened.
#[wasm_bindgen]
#[derive(Debug, Clone)]
pub struct Seen {
    kind: SeenKind,
    data: Vec<u8>,
    codec: String,
    wrapped: Option<Wrapped>,
    from_ms: u64,
    to_ms: u64,
    is_keyframe: bool,
}

impl Seen {
    fn plain(kind: SeenKind) -> Self {
        let (data, codec, wrapped) = (Vec::new(), String::new(), None);
        Self { kind, data, codec, wrapped, from_ms: 0, to_ms: 0, is_keyframe: false }
    }
}

#[wasm_bindgen]
impl Seen {
    /// What it is.
    #[wasm_bindgen(getter)]
    pub fn kind(&self) -> SeenKind {
        self.kind
    }

    /// For the player; can be taken once.
    pub fn data(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }

    /// Of an init piece: its codec, such as `avc1.42c01f`.
    #[wasm_bindgen(getter)]
    pub fn codec(&self) -> String {
        self.codec.clone()
    }

    /// Of a part: what its key is wrapped in.
    #[wasm_bindgen(getter)]
    pub fn wrapped(&self) -> Option<Wrapped> {
        self.wrapped.clone()
    }

    /// When it was captured, or since when pictures are missing; ms since 1970 on the home's clock.
    #[wasm_bindgen(getter, js_name = fromMs)]
    pub fn from_ms(&self) -> f64 {
        number(self.from_ms)
    }

    /// Of a gap: until when.
    #[wasm_bindgen(getter, js_name = toMs)]
    pub fn to_ms(&self) -> f64 {
        number(self.to_ms)
    }

    /// Of a picture: it needs no other.
    #[wasm_bindgen(getter, js_name = isKeyframe)]
    pub fn is_keyframe(&self) -> bool {
        self.is_keyframe
    }
}

/// A live recording. Messages must come in order, one after the other.
#[wasm_bindgen]
pub struct Watch {
    recorders: Vec<PublicKey>,
    recording: RecordingId,
    kid: Kid,
    header: Option<Signed<PartHeader>>,
    part: Option<Part>,
}

struct Part {
    chain: Chain,
    opener: PartOpener,
    is_joined: bool,
    fragments: Option<Fragments>,
}

#[wasm_bindgen]
impl Watch {
    /// A recording, or a look by its stream, for the recipient with this key.
    #[wasm_bindgen(constructor)]
    pub fn new(home: &Home, recording: &str, kid: &str) -> Result<Self, Trouble> {
        let recording = text::hex("recording", RecordingId::from_hex, recording)?;
        let kid = text::hex("kid", Kid::from_hex, kid)?;
        let recorders = home.roster().recorder_keys.clone();
        Ok(Self { recorders, recording, kid, header: None, part: None })
    }

    /// The next message of the live stream.
    pub fn take(&mut self, message: &[u8]) -> Result<Seen, Trouble> {
        let message: ToMedia = canonical::decode(message, CHUNK_BYTES_MAX.saturating_add(AROUND_BYTES_MAX))?;
        match message {
            ToMedia::Part { header, .. } | ToMedia::Look { header, .. } => {
                let header = verify_header(&header.0, &self.recorders, &Software)?;
                if header.message().recording != self.recording {
                    return Err(Trouble::new(
                        "other_recording",
                        "this is not the recording that was asked for",
                    ));
                }
                let wrapped = Some(Wrapped::of(header.message(), self.kid)?);
                self.header = Some(header);
                Ok(Seen { wrapped, ..Seen::plain(SeenKind::Part) })
            }
            ToMedia::Chunk { chunk, .. } | ToMedia::LookChunk { chunk, .. } => self.chunk(&chunk.0),
            ToMedia::Manifest { .. } | ToMedia::LookOver(_) => Ok(Seen::plain(SeenKind::End)),
            ToMedia::SignIn(_) => Ok(Seen::plain(SeenKind::Nothing)),
        }
    }

    /// The key of the part that began: 32 bytes, as unwrapped. No other than the header promises is taken.
    pub fn key(&mut self, key: &[u8]) -> Result<(), Trouble> {
        let none = || Trouble::new("part_missing", "no part waits for a key");
        let header = self.header.take().ok_or_else(none)?;
        let opener = PartOpener::new(header.message(), &PartKey::from_bytes(text::random("key", key)?))?;
        self.part = Some(Part { chain: Chain::of(&header), opener, is_joined: false, fragments: None });
        Ok(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<Seen, Trouble> {
        let none = || Trouble::new("part_missing", "a chunk came before its part's key");
        let part = self.part.as_mut().ok_or_else(none)?;
        let chunk = Chunk::parse(bytes)?;
        // Chunk 0 comes first, then the newest joinable one: what lies between is proven later, as a whole.
        if !part.is_joined && chunk.sequence > 0 {
            part.chain.skip_to(&chunk);
            part.is_joined = true;
        }
        part.chain.push(&chunk)?;
        let opened = part.opener.open(&chunk)?;
        Ok(part.seen(opened.captured_ms, opened.content))
    }
}

impl Part {
    fn seen(&mut self, captured_ms: u64, content: Content) -> Seen {
        match content {
            Content::Init(init) => {
                self.fragments = Some(Fragments::new(&init));
                let data = init_segment(&init);
                Seen { data, codec: codec(&init), from_ms: captured_ms, ..Seen::plain(SeenKind::Init) }
            }
            Content::Keyframe(unit) => self.frame(captured_ms, true, &unit),
            Content::Delta(unit) => self.frame(captured_ms, false, &unit),
            Content::Gap(gap) => {
                Seen { from_ms: gap.from_ms, to_ms: gap.to_ms, ..Seen::plain(SeenKind::Gap) }
            }
            Content::Mark(_) | Content::Final => Seen::plain(SeenKind::Nothing),
        }
    }

    fn frame(&mut self, captured_ms: u64, is_keyframe: bool, unit: &[u8]) -> Seen {
        let Some(fragments) = &mut self.fragments else { return Seen::plain(SeenKind::Nothing) };
        let data = fragments.frame(captured_ms, is_keyframe, unit);
        Seen { data, from_ms: captured_ms, is_keyframe, ..Seen::plain(SeenKind::Frame) }
    }
}
