//! Watching live: sealed chunks come from the cloud and are opened here, with the resident's key.

use super::MyHome;
use crate::client::{Cloud, Stream};
use crate::keys::Keys;
use anyhow::{Context, ensure};
use hub::ring_verifier::RingVerifier;
use protocol::bytes::RecordingId;
use protocol::limits::CHUNK_BYTES_MAX;
use protocol::look::Look;
use protocol::media::ToMedia;
use protocol::{Kid, Signed, canonical};
use recording::chunk::Chunk;
use recording::verify::{Chain, verify_header};
use recording::{Content, KemSecret, PartOpener};

/// What is seen.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A part begins: its codec data.
    Init(recording::Init),
    /// A picture.
    Frame {
        /// When it was captured, unix ms on the home's clock.
        captured_ms: u64,
        /// Whether playing can begin here.
        is_keyframe: bool,
        /// The access unit in AVCC form.
        unit: Vec<u8>,
    },
    /// Pictures are missing.
    Gap(recording::Gap),
    /// The recording is complete.
    End,
}

/// A live recording, or a look.
pub(crate) struct Live {
    stream: Stream,
    recording: RecordingId,
    kid: Kid,
    kem: KemSecret,
    recorders: Vec<protocol::PublicKey>,
    part: Option<(Chain, PartOpener, bool)>,
}

impl Live {
    /// Joins the recording of a visit.
    pub(crate) async fn join(cloud: &Cloud, home: &MyHome, keys: &Keys, visit: &str) -> anyhow::Result<Self> {
        let recording = RecordingId::from_hex(visit).context("the visit is 32 hexadecimal digits")?;
        let stream = cloud.stream(&format!("{}/recordings/{visit}/live", home.path())).await?;
        Ok(Self::of(stream, recording, home, keys.kid()?, keys.kem()?))
    }

    /// Joins a look that the home shows.
    pub(crate) async fn join_look(
        cloud: &Cloud,
        home: &MyHome,
        look: &Signed<Look>,
        kem: KemSecret,
    ) -> anyhow::Result<Self> {
        let recording = look.stream();
        let stream = cloud.stream(&format!("{}/looks/{recording}/live", home.path())).await?;
        Ok(Self::of(stream, recording, home, look.signer(), kem))
    }

    fn of(stream: Stream, recording: RecordingId, home: &MyHome, kid: Kid, kem: KemSecret) -> Self {
        let recorders = home.roster.message().recorder_keys.clone();
        Self { stream, recording, kid, kem, recorders, part: None }
    }

    /// What comes next; `None` when the cloud hung up.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Seen>> {
        while let Some(bytes) = self.stream.next().await? {
            let message: ToMedia =
                canonical::decode(&bytes, CHUNK_BYTES_MAX + 4_096).context("the live recording")?;
            match message {
                ToMedia::Part { header, .. } | ToMedia::Look { header, .. } => {
                    let header = verify_header(&header.0, &self.recorders, &RingVerifier)?;
                    ensure!(header.message().recording == self.recording, "this is another recording");
                    let key = self.kem.unwrap(self.kid, header.message())?;
                    let opener = PartOpener::new(header.message(), &key)?;
                    self.part = Some((Chain::of(&header), opener, false));
                }
                ToMedia::Chunk { chunk, .. } | ToMedia::LookChunk { chunk, .. } => {
                    if let Some(seen) = self.open(&chunk.0)? {
                        return Ok(Some(seen));
                    }
                }
                ToMedia::Manifest { .. } | ToMedia::LookOver(_) => return Ok(Some(Seen::End)),
                ToMedia::SignIn(_) => {}
            }
        }
        Ok(None)
    }

    fn open(&mut self, bytes: &[u8]) -> anyhow::Result<Option<Seen>> {
        let Some((chain, opener, joined)) = &mut self.part else { return Ok(None) };
        let chunk = Chunk::parse(bytes)?;
        // Chunk 0 comes first, then the newest joinable one: what lies between is proven later, as a whole.
        if !*joined && chunk.sequence > 0 {
            chain.skip_to(&chunk);
            *joined = true;
        }
        chain.push(&chunk)?;
        let opened = opener.open(&chunk)?;
        let captured_ms = opened.captured_ms;
        Ok(match opened.content {
            Content::Init(init) => Some(Seen::Init(init)),
            Content::Keyframe(unit) => Some(Seen::Frame { captured_ms, is_keyframe: true, unit }),
            Content::Delta(unit) => Some(Seen::Frame { captured_ms, is_keyframe: false, unit }),
            Content::Gap(gap) => Some(Seen::Gap(gap)),
            Content::Mark(_) | Content::Final => None,
        })
    }
}
