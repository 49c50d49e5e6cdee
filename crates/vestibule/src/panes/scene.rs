//! What is to be seen at one moment. No terminal, no clock: the drawing reads it, the view writes it.

use std::collections::VecDeque;
use std::time::Duration;

use super::cast::{Cast, Who};
use super::door::DoorPicture;

/// Events kept for each pane; more than any terminal shows.
const EVENTS_MAX: usize = 64;
/// Longest text of an event, in characters: labels and names come from outside.
const TEXT_CHARS_MAX: usize = 160;
/// Older than this, the picture is not live any more.
const LIVE_AGE_MAX: Duration = Duration::from_secs(2);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Since the view began.
    pub(super) at: Duration,
    pub(super) text: String,
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As promised.
    Kept,
    /// In any other way.
    Broken,
}

/// Everything on the screen.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) cast: Cast,
    pub(super) events: [VecDeque<Event>; 4],
    pub(super) door: DoorPicture,
    pub(super) picture: Picture,
    pub(super) state: String,
    pub(super) ending: Option<Ending>,
}

/// What the resident sees of the hallway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    /// Nothing yet, or nothing any more.
    None,
    /// A picture of this age.
    Live(Duration),
    /// The same picture for this time.
    Frozen(Duration),
}

impl Picture {
    pub(super) fn of(age: Option<Duration>) -> Self {
        match age {
            None => Self::None,
            Some(age) if age < LIVE_AGE_MAX => Self::Live(age),
            Some(age) => Self::Frozen(age),
        }
    }

    /// As people read it. Equal sentences need no new drawing.
    pub(super) fn sentence(self) -> String {
        match self {
            Self::None => "no picture".to_owned(),
            Self::Live(age) => format!("live, picture {:.1} s old", age.as_secs_f32()),
            Self::Frozen(age) => format!("picture frozen for {} s", age.as_secs()),
        }
    }
}

impl Scene {
    pub(super) fn new(cast: Cast) -> Self {
        Self {
            cast,
            events: Default::default(),
            door: DoorPicture::Unknown,
            picture: Picture::None,
            state: String::new(),
            ending: None,
        }
    }

    pub(super) fn events(&self, who: Who) -> &VecDeque<Event> {
        match who {
            Who::Resident => &self.events[0],
            Who::Courier => &self.events[1],
            Who::Provider => &self.events[2],
            Who::Home => &self.events[3],
        }
    }

    pub(super) fn push(&mut self, who: Who, at: Duration, text: String) {
        let events = match who {
            Who::Resident => &mut self.events[0],
            Who::Courier => &mut self.events[1],
            Who::Provider => &mut self.events[2],
            Who::Home => &mut self.events[3],
        };
        if events.len() == EVENTS_MAX {
            events.pop_front();
        }
        events.push_back(Event { at, text });
    }
}

/// One line of bounded length: what comes from outside must not move the cursor.
pub(super) fn tidy(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = visible.clone().take(TEXT_CHARS_MAX).collect();
    if visible.count() > TEXT_CHARS_MAX {
        out.pop();
        out.push('…');
    }
    out
}

/// Time since the beginning, six columns wide.
pub(super) fn time(at: Duration) -> String {
    let seconds = at.as_secs_f32();
    if seconds < 99.95 { format!("{seconds:4.1} s") } else { format!("{:4} s", at.as_secs()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_move_the_cursor() {
        assert_eq!(tidy("a\u{1b}[2Jb\nc"), "a [2Jb c");
        let long = tidy(&"x".repeat(500));
        assert!(long.ends_with('…') && long.chars().count() == TEXT_CHARS_MAX);
    }

    #[test]
    fn times_have_one_width() {
        let times: Vec<_> = [0, 1_240, 99_940, 99_960, 3_600_000].map(Duration::from_millis).map(time).into();
        assert_eq!(times, [" 0.0 s", " 1.2 s", "99.9 s", "  99 s", "3600 s"]);
    }

    #[test]
    fn a_picture_is_live_for_two_seconds() {
        let sentence = |ms| Picture::of(Some(Duration::from_millis(ms))).sentence();
        assert_eq!(sentence(310), "live, picture 0.3 s old");
        assert_eq!(sentence(1_999), "live, picture 2.0 s old");
        assert_eq!(sentence(2_000), "picture frozen for 2 s");
        assert_eq!(Picture::of(None).sentence(), "no picture");
    }
}
