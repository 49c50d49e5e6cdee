//! Writes the message vectors of `spec/vectors`: `cargo run -p protocol --example vectors`.
//!
//! Every key comes from a seed and every signature is deterministic (RFC 6979), so a second run changes nothing.
//! `tests/vectors.rs` fails when the committed files are not what this writes.

mod cases;

use cases::Vector;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    for (half, vectors) in [("good", cases::good()), ("bad", cases::bad())] {
        let into = folder.join(half);
        std::fs::create_dir_all(&into)?;
        remove_stale(&into, &vectors)?;
        for vector in &vectors {
            std::fs::write(into.join(format!("{}.json", vector.name)), vector.to_json())?;
        }
        println!("{half}: {} vectors", vectors.len());
    }
    Ok(())
}

/// Decisions (`decision-*`) are written by crate `doorkeeper` and stay.
fn remove_stale(half: &Path, vectors: &[Vector]) -> std::io::Result<()> {
    for entry in std::fs::read_dir(half)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if !name.starts_with("decision-") && vectors.iter().all(|vector| vector.name != name) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
