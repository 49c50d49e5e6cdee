//! Looks for inputs that a reader cannot bear.
//!
//! ```text
//! fuzz TARGET SECONDS [SEED]     mutates what is known, without coverage; a finding goes to the target's corpus
//! fuzz seeds TARGET FOLDER       writes what is known, for an engine to begin with
//! ```
//!
//! With coverage, by libFuzzer, on any toolchain:
//!
//! ```text
//! RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!   -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions" \
//!   cargo build --release --target x86_64-unknown-linux-gnu --target-dir target/fuzz -p fuzz
//! FUZZ_TARGET=message target/fuzz/x86_64-unknown-linux-gnu/release/fuzz FOLDER -max_total_time=60
//! ```
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static TARGET: std::sync::OnceLock<fuzz::Target> = std::sync::OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
        fuzz::target(&name).expect("FUZZ_TARGET names a target")
    });
    (target.run)(bytes);
});

#[cfg(not(fuzzing))]
mod mutate;

#[cfg(not(fuzzing))]
fn main() -> anyhow::Result<()> {
    mutate::main()
}
