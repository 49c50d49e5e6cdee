//! A release embeds the built web app, and cargo has to look again once that was built: the derive that embeds it
//! names only the files that it found.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build reads the folder when it runs.
    if std::env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some() {
        return;
    }
    // A path that is missing counts as changed each time: until the app is built, the folder around it is watched.
    let built = Path::new("../../web/dist");
    let watched = if built.is_dir() { built } else { Path::new("../../web") };
    println!("cargo::rerun-if-changed={}", watched.display());
}
