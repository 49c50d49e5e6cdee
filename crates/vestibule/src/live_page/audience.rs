//! Who watches, and what a newcomer needs to begin at once.
//!
//! Each watcher has a bounded queue. Who does not keep up is let go: the page connects again and begins with the
//! current group of pictures, which is what a late picture needs anyway.
//!
//! Messages: binary `0` + init segment; binary `1` + flags (bit 0: keyframe) + captured (u64, big-endian, ms since
//! 1970) + fragment; text: the state as JSON.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::state::PageState;

/// Browsers at once. One is usual.
const WATCHERS_MAX: usize = 16;
/// Messages a watcher may be behind: two seconds at 30 frames a second, and some state.
const QUEUE_MESSAGES_MAX: usize = 80;
/// A group of pictures is about a second; one beyond this is not kept, and newcomers wait for the next keyframe.
const GROUP_FRAMES_MAX: usize = 300;
/// The same in bytes.
const GROUP_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// A browser that takes nothing for so long is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(3);

const INIT: u8 = 0;
const FRAGMENT: u8 = 1;

/// Everybody who watches.
#[derive(Default)]
pub(super) struct Audience(Mutex<Hall>);

#[derive(Default)]
struct Hall {
    init: Option<Bytes>,
    /// From the last keyframe on; empty while none is known.
    group: Vec<Bytes>,
    group_bytes: usize,
    state: Option<Utf8Bytes>,
    watchers: Vec<Sender<Message>>,
}

/// The place of one watcher.
pub(super) struct Seat {
    first: Vec<Message>,
    next: Receiver<Message>,
}

impl Audience {
    fn hall(&self) -> MutexGuard<'_, Hall> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn init(&self, segment: &[u8]) {
        let bytes: Bytes = [&[INIT], segment].concat().into();
        let mut hall = self.hall();
        hall.init = Some(bytes.clone());
        hall.forget_group();
        hall.give(&Message::Binary(bytes));
    }

    pub(super) fn fragment(&self, fragment: &[u8], captured_unix_ms: u64, is_keyframe: bool) {
        let head = [FRAGMENT, u8::from(is_keyframe)];
        let bytes: Bytes = [&head, &captured_unix_ms.to_be_bytes()[..], fragment].concat().into();
        let mut hall = self.hall();
        if is_keyframe {
            hall.forget_group();
        }
        if is_keyframe || !hall.group.is_empty() {
            hall.group_bytes += bytes.len();
            hall.group.push(bytes.clone());
        }
        if hall.group.len() > GROUP_FRAMES_MAX || hall.group_bytes > GROUP_BYTES_MAX {
            hall.forget_group();
        }
        hall.give(&Message::Binary(bytes));
    }

    pub(super) fn state(&self, state: &PageState) {
        // Numbers, strings and lists: these always have a JSON form.
        let Ok(text) = serde_json::to_string(state) else { return };
        let text = Utf8Bytes::from(text);
        let mut hall = self.hall();
        hall.state = Some(text.clone());
        hall.give(&Message::Text(text));
    }

    /// Everybody goes.
    pub(super) fn dismiss(&self) {
        self.hall().watchers.clear();
    }

    /// A seat, unless there is none.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Seat> {
        let mut hall = self.hall();
        hall.watchers.retain(|watcher| !watcher.is_closed());
        if hall.watchers.len() >= WATCHERS_MAX {
            return None;
        }
        let state = hall.state.iter().cloned().map(Message::Text);
        let picture = hall.init.iter().chain(&hall.group).cloned().map(Message::Binary);
        let first = state.chain(picture).collect();
        let (watcher, next) = mpsc::channel(QUEUE_MESSAGES_MAX);
        hall.watchers.push(watcher);
        Some(Seat { first, next })
    }
}

impl Hall {
    fn forget_group(&mut self) {
        self.group.clear();
        self.group_bytes = 0;
    }

    /// Lets go of who is gone or too far behind.
    fn give(&mut self, message: &Message) {
        self.watchers.retain(|watcher| watcher.try_send(message.clone()).is_ok());
    }
}

impl Seat {
    /// Until the browser goes, is let go, or the page ends.
    pub(super) async fn watch(mut self, mut socket: WebSocket) {
        for message in std::mem::take(&mut self.first) {
            if !sent(&mut socket, message).await {
                return;
            }
        }
        loop {
            tokio::select! {
                message = self.next.recv() => {
                    let Some(message) = message else { break };
                    if !sent(&mut socket, message).await {
                        return;
                    }
                }
                // Has nothing to say, but this is where its leaving is noticed and its pings are answered.
                incoming = socket.recv() => if !matches!(incoming, Some(Ok(_))) { return },
            }
        }
        sent(&mut socket, Message::Close(None)).await;
    }
}

async fn sent(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(WRITE_WITHIN, socket.send(message)).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(messages: &[Message]) -> Vec<(u8, u8)> {
        let kind = |message: &Message| match message {
            Message::Binary(bytes) => (bytes[0], *bytes.last().expect("bytes")),
            other => panic!("{other:?}"),
        };
        messages.iter().map(kind).collect()
    }

    #[test]
    fn a_newcomer_begins_with_the_init_segment_and_the_last_keyframe() {
        let audience = Arc::new(Audience::default());
        audience.fragment(&[9], 1, false);
        audience.init(&[10]);
        for (number, key) in [(1, false), (2, true), (3, false), (4, true), (5, false)] {
            audience.fragment(&[number], 7, key);
        }
        let seat = audience.enter().expect("seat");
        assert_eq!(kinds(&seat.first), [(INIT, 10), (FRAGMENT, 4), (FRAGMENT, 5)]);
        let Message::Binary(bytes) = &seat.first[1] else { panic!("binary") };
        assert_eq!(bytes[..], [1, 1, 0, 0, 0, 0, 0, 0, 0, 7, 4]);

        audience.init(&[11]);
        assert_eq!(kinds(&audience.enter().expect("seat").first), [(INIT, 11)]);
    }

    #[test]
    fn who_falls_behind_is_let_go_and_the_others_are_not() {
        let audience = Arc::new(Audience::default());
        let mut slow = audience.enter().expect("seat");
        let mut fast = audience.enter().expect("seat");
        for number in 0..=QUEUE_MESSAGES_MAX {
            audience.fragment(&[0], number as u64, number == 0);
            assert!(fast.next.try_recv().is_ok());
        }
        audience.fragment(&[1], 0, false);
        assert!(fast.next.try_recv().is_ok());
        let mut waiting = 0;
        while slow.next.try_recv().is_ok() {
            waiting += 1;
        }
        assert_eq!(waiting, QUEUE_MESSAGES_MAX);
        assert_eq!(slow.next.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }

    #[test]
    fn a_group_without_end_is_not_kept() {
        let audience = Arc::new(Audience::default());
        audience.init(&[10]);
        for number in 0..=GROUP_FRAMES_MAX {
            audience.fragment(&[0], 0, number == 0);
        }
        assert_eq!(kinds(&audience.enter().expect("seat").first), [(INIT, 10)]);
        audience.fragment(&[3], 0, false);
        audience.fragment(&[4], 0, true);
        assert_eq!(kinds(&audience.enter().expect("seat").first), [(INIT, 10), (FRAGMENT, 4)]);
    }

    #[test]
    fn there_is_a_last_seat_and_it_becomes_free_again() {
        let audience = Arc::new(Audience::default());
        let mut seats: Vec<_> = (0..WATCHERS_MAX).map_while(|_| audience.enter()).collect();
        assert!(seats.len() == WATCHERS_MAX && audience.enter().is_none());
        seats.pop();
        assert!(audience.enter().is_some());
    }
}
