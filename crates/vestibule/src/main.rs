//! vestibule

#[cfg_attr(not(test), expect(dead_code, reason = "the demo is not wired yet"))]
mod panes;

fn main() {}
