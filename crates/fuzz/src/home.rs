//! What a hub reads in the home: its own journal, the virtual camera's wire, the address of a lock.

use hub::journal::{Journal, Storage};
use std::io;

/// A disk in memory.
struct Memory(Vec<u8>);

impl Storage for Memory {
    fn name(&self) -> String {
        "memory".into()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.0.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend(bytes);
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a journal gives back once, it gives back again, and takes one more.
pub(crate) fn journal(bytes: &[u8]) -> bool {
    let mut memory = Memory(bytes.to_vec());
    let Ok((_, records, _)) = Journal::open(Lent(&mut memory)) else { return false };
    let (mut journal, again, opening) = Journal::open(Lent(&mut memory)).expect("what was opened opens");
    assert_eq!(opening, hub::journal::Opening::Whole, "what was torn was cut");
    assert_eq!(again.len(), records.len());
    journal.append(b"one more").expect("in memory");
    journal.sync().expect("in memory");
    let (_, more, _) = Journal::open(Lent(&mut memory)).expect("still");
    assert_eq!(more.len(), records.len() + 1);
    true
}

/// A disk that outlives its journal.
struct Lent<'a>(&'a mut Memory);

impl Storage for Lent<'_> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        self.0.read_all()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.truncate(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

/// A header, then frames, as the virtual camera sends them.
pub(crate) fn camera_wire(bytes: &[u8]) -> bool {
    let Ok(Some((header, taken))) = house::wire::parse_header(bytes) else { return false };
    assert_eq!(header.to_bytes().expect("what was read"), bytes[..taken]);
    let mut rest = &bytes[taken..];
    while let Ok(Some((frame, taken))) = house::wire::parse_frame(rest) {
        assert_eq!(frame.to_bytes().expect("what was read"), rest[..taken]);
        rest = &rest[taken..];
    }
    true
}

/// Addresses of lock and camera, as somebody wrote them into the settings.
pub(crate) fn address(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let lock = text.parse::<hub::lock::LockConfig>().is_ok();
    let camera = text.parse::<hub::camera::Source>().is_ok();
    lock || camera
}

pub(crate) fn addresses() -> Vec<Vec<u8>> {
    [
        "mqtt://user:secret@[::1]:1883/home_assistant?lock=front&door=contact&battery=b",
        "mqtt://broker/zigbee2mqtt?lock=front&smoke=s&no=n",
        "rtsp://user:secret@camera/stream",
        "virtual:/run/house.sock",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub(crate) fn journals() -> Vec<Vec<u8>> {
    let mut memory = Memory(Vec::new());
    let (mut journal, _, _) = Journal::open(Lent(&mut memory)).expect("a new one");
    for record in [&b"one"[..], b"and another", &[0; 100]] {
        journal.append(record).expect("in memory");
        journal.sync().expect("in memory");
    }
    let torn = memory.0[..memory.0.len() - 7].to_vec();
    vec![memory.0, torn]
}

pub(crate) fn camera_streams() -> Vec<Vec<u8>> {
    let header =
        house::wire::Header { width: 64, height: 48, fps: 25, avcc: vec![1, 66, 0, 30, 255, 225, 0] };
    let frame = house::wire::Frame {
        random_access: true,
        capture_unix_ms: 1_750_000_000_000,
        rtp_90khz: 90_000,
        nal_units: vec![0, 0, 0, 2, 0x65, 1],
    };
    let bytes = [header.to_bytes(), frame.to_bytes(), frame.to_bytes()];
    vec![bytes.map(|bytes| bytes.expect("small")).concat()]
}
