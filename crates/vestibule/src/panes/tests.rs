//! The view without a terminal, as a log file or a reader of plain text sees it.

use super::*;
use std::sync::Arc;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("paper").write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    /// Without the times, which begin every line of the play.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().expect("paper").clone()).expect("text");
        text.lines().map(|line| line.split_once(" s  ").map_or(line, |(_, rest)| rest).to_owned()).collect()
    }
}

fn plain() -> (View, Paper) {
    let paper = Paper::default();
    let cast = Cast::of_a_delivery([&[0xa1; 4], &[0xb2; 4], &[0xc3; 4], &[0xd4; 4]]);
    let view = View::on(cast, Screen::Plain(Box::new(paper.clone()))).expect("view");
    (view, paper)
}

#[test]
fn without_a_terminal_every_event_is_a_line() {
    let (view, paper) = plain();
    view.say(Who::Courier, "scanned RR123456785DE");
    view.door(DoorPicture::Open);
    view.door(DoorPicture::Open);
    view.state("the courier is at the door");
    view.finish(Ending::Kept, "inside · closed and locked", &[("vestibule ring", "ring"), ("ls", "look")])
        .expect("finish");
    view.say(Who::Home, "the bell rang");
    let lines = paper.lines();
    assert!(lines[0].starts_with("resident  key a1a1 a1a1. Knows who may come"), "{}", lines[0]);
    assert_eq!(
        lines[4..],
        [
            "",
            "courier   scanned RR123456785DE",
            "home      the door is open",
            "          the courier is at the door",
            "          inside · closed and locked",
            "",
            "  vestibule ring   ring",
            "  ls               look",
            "home      the bell rang",
        ]
    );
}

#[test]
fn a_plain_reader_hears_of_the_picture_only_when_it_freezes_or_moves_again() {
    let (view, paper) = plain();
    for ms in [100, 200, 300, 2_100, 3_100, 90] {
        view.picture_age(Some(Duration::from_millis(ms)));
    }
    assert_eq!(
        paper.lines()[5..],
        [
            "resident  live, picture 0.1 s old",
            "resident  picture frozen for 2 s",
            "resident  live, picture 0.1 s old"
        ]
    );
}
