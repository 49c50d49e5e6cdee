//! The files of the built app, in memory: from this program itself, or from a folder.

use crate::limits;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use protocol::Hash;
use ring::digest::{SHA256, digest};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The folder into which `./x web` builds. A release holds what lay there when it was built; a debug build reads it
/// when the cloud starts. It may be missing: everything but the app can be built without Node.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Built;

/// Why a folder is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unservable {
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    #[error("it holds more than {} files or {} bytes", limits::APP_FILES_MAX, limits::APP_BYTES_MAX)]
    TooLarge,
}

/// A file as gzip.
#[derive(Debug, Clone)]
pub(crate) enum Packed {
    Smaller(Bytes),
    /// Such as what is packed already.
    NotSmaller,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    bytes: Bytes,
    hash: Hash,
    media_type: &'static str,
    /// Made when it is first asked for.
    gzip: OnceLock<Packed>,
}

impl File {
    fn of(path: &str, bytes: Bytes) -> Self {
        let media_type = media_type(path);
        let gzip =
            if is_packed_already(media_type) { OnceLock::from(Packed::NotSmaller) } else { OnceLock::new() };
        Self { hash: sha256(&bytes), media_type, bytes, gzip }
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// SHA-256 of the bytes.
    pub(crate) const fn hash(&self) -> Hash {
        self.hash
    }

    pub(crate) const fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// The bytes as gzip, if they were packed before.
    pub(crate) fn packed(&self) -> Option<&Packed> {
        self.gzip.get()
    }

    /// The bytes as gzip. Takes some milliseconds per 100 KB.
    pub(crate) fn pack(&self) -> &Packed {
        self.gzip.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            match encoder.write_all(&self.bytes).and_then(|()| encoder.finish()) {
                Ok(packed) if packed.len() < self.bytes.len() => Packed::Smaller(packed.into()),
                // Writing into memory does not fail; if it did, the file would go out as it is.
                _ => Packed::NotSmaller,
            }
        })
    }
}

/// All files, by their path below the folder.
#[derive(Debug)]
pub(crate) struct Files {
    by_path: BTreeMap<String, Arc<File>>,
    build: Option<Hash>,
}

impl Files {
    /// What [`Built`] holds.
    pub(crate) fn built() -> Self {
        let bytes = |data: Cow<'static, [u8]>| match data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let files = Built::iter().filter_map(|path| {
            let file = Built::get(&path)?;
            Some((path.into_owned(), bytes(file.data)))
        });
        Self::of(files)
    }

    /// What lies in a folder now. Symbolic links are left out.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, Unservable> {
        let mut files = Vec::new();
        let mut size = 0;
        let mut open = vec![(folder.to_path_buf(), String::new())];
        while let Some((folder, below)) = open.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let path = format!("{below}{}", name.to_string_lossy());
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    open.push((entry.path(), format!("{path}/")));
                } else if kind.is_file() {
                    size += entry.metadata()?.len();
                    if size > limits::APP_BYTES_MAX || files.len() == limits::APP_FILES_MAX {
                        return Err(Unservable::TooLarge);
                    }
                    files.push((path, std::fs::read(entry.path())?.into()));
                }
            }
        }
        Ok(Self::of(files.into_iter()))
    }

    fn of(files: impl Iterator<Item = (String, Bytes)>) -> Self {
        let file = |(path, bytes): (String, Bytes)| {
            let file = File::of(&path, bytes);
            (path, Arc::new(file))
        };
        let by_path: BTreeMap<String, Arc<File>> = files.map(file).collect();
        let build = (!by_path.is_empty()).then(|| build(&by_path));
        Self { by_path, build }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Arc<File>> {
        self.by_path.get(path)
    }

    /// Names this build of the app; none if there is no app.
    pub(crate) const fn build(&self) -> Option<Hash> {
        self.build
    }
}

/// SHA-256 over one line per file, sorted by path: hash, two spaces, path, end of line; what `sha256sum` prints.
fn build(files: &BTreeMap<String, Arc<File>>) -> Hash {
    let mut lines = String::new();
    for (path, file) in files {
        // Writing into a string does not fail.
        let _written = writeln!(lines, "{}  {path}", file.hash);
    }
    sha256(lines.as_bytes())
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Hash(out)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_packed_already(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "font/woff2" | "application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_is_what_sha256sum_says_of_its_own_list() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Files::in_folder(folder.path()).unwrap().build(), None);
        std::fs::create_dir(folder.path().join("v")).unwrap();
        for (path, text) in [("v/index.html", "visitor\n"), ("index.html", "resident\n"), ("B.js", "1\n")] {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        let files = Files::in_folder(folder.path()).unwrap();
        // find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum | sha256sum
        let expected = "ac40182103f6820fe97f53eae97b09f22bc0ab7039cacacfae81f3af733d4c7a";
        assert_eq!(files.build().unwrap().to_string(), expected);
    }

    #[test]
    fn a_folder_that_is_no_app_is_not_read_into_memory() {
        let folder = tempfile::tempdir().unwrap();
        let large = std::fs::File::create(folder.path().join("large")).unwrap();
        large.set_len(limits::APP_BYTES_MAX + 1).unwrap();
        assert!(matches!(Files::in_folder(folder.path()), Err(Unservable::TooLarge)));
        assert!(matches!(Files::in_folder(&folder.path().join("none")), Err(Unservable::Unreadable(_))));
        let many = tempfile::tempdir().unwrap();
        for n in 0..=limits::APP_FILES_MAX {
            std::fs::write(many.path().join(n.to_string()), "").unwrap();
        }
        assert!(matches!(Files::in_folder(many.path()), Err(Unservable::TooLarge)));
    }

    #[test]
    fn this_program_holds_what_was_built_or_nothing() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
        let lies_there = Files::in_folder(&folder).ok().and_then(|files| files.build());
        assert_eq!(Files::built().build(), lies_there);
    }
}
