//! `bindings WASM FOLDER`: what the program `wasm-bindgen` does, as the library that it is made of. What comes out is
//! named like the WASM.
//!
//! The program is not taken, since it must have the very version of the library in the WASM: so the lock file sees to it.

use anyhow::{Context as _, bail};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [wasm, folder] = arguments.as_slice() else { bail!("usage: bindings WASM FOLDER") };
    let name = wasm.file_stem().and_then(|name| name.to_str()).context("the WASM has no name")?;
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.input_path(wasm).out_name(name).typescript(true);
    // Names of functions are for debuggers; a phone downloads without them.
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(folder).with_context(|| format!("{} to {}", wasm.display(), folder.display()))
}
