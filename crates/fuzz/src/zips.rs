//! The zip of a delivery folder, as `vestibule verify` reads it.

#[path = "../../vestibule/src/delivery_folder/zip.rs"]
#[allow(dead_code, reason = "of `vestibule verify`, which reads more of it")]
mod zip;

use std::io::Write;

pub(crate) fn zip(bytes: &[u8]) -> bool {
    const FILE_BYTES_MAX: u64 = 1 << 20;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let Ok(zip) = zip::Zip::open(file.path()) else { return false };
    let names: Vec<String> = zip.names().map(str::to_owned).collect();
    for name in names {
        if let Ok(content) = zip.read(&name, FILE_BYTES_MAX) {
            assert_eq!(zip.size(&name), Some(content.len() as u64));
        }
    }
    true
}

/// One stored file.
pub(crate) fn zips() -> Vec<Vec<u8>> {
    let (name, content) = (b"grant.cose", b"content");
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let size = u32::try_from(content.len()).expect("short").to_le_bytes();
    let name_bytes = u16::try_from(name.len()).expect("short").to_le_bytes();
    let fields = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
        &crc.sum().to_le_bytes(),
        &size,
        &size,
        &name_bytes,
        &[0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04", &fields[..], name, content].concat();
    let entry = [b"PK\x01\x02\x14\x00", &fields[..], &[0; 14], name].concat();
    let lengths = [entry.len(), local.len()].map(|bytes| u32::try_from(bytes).expect("short").to_le_bytes());
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &lengths.concat(), &[0, 0]].concat();
    vec![[local, entry, end].concat()]
}
