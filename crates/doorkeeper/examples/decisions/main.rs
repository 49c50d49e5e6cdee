//! Writes the decision vectors of `spec/vectors`: `cargo run -p doorkeeper --example decisions`.
//!
//! `tests/vectors.rs` fails when the committed files are not what this writes.

mod cases;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    for (half, decisions) in cases::all() {
        let into = folder.join(half);
        for entry in std::fs::read_dir(&into)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("decision-") {
                std::fs::remove_file(&path)?;
            }
        }
        for decision in &decisions {
            std::fs::write(into.join(format!("{}.json", decision.name)), decision.to_json())?;
        }
        println!("{half}: {} decisions", decisions.len());
    }
    Ok(())
}
