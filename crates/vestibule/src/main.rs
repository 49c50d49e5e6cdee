//! vestibule

#[allow(dead_code, unused_imports, reason = "the demo is not wired yet")]
mod live_page;
#[allow(dead_code, reason = "the demo is not wired yet")]
mod panes;

fn main() {}
