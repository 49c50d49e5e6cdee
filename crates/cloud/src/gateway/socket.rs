//! The few things that every WebSocket here does alike.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use minicbor::Encode;
use protocol::canonical;

/// Why a connection is closed (RFC 6455 section 7.4.1, and the range for applications).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Close {
    /// The cloud stops, or another connection took this one's place.
    GoingAway,
    /// A frame cannot be read.
    Unreadable,
    /// The peer is not who it must be, or does what it must not.
    Policy,
    /// The peer reads too slowly, or asks for too much.
    TryLater,
    /// Something failed here.
    Internal,
}

impl Close {
    const fn code(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Unreadable => 1007,
            Self::Policy => 1008,
            Self::TryLater => 1013,
            Self::Internal => 1011,
        }
    }
}

/// A close frame whose reason begins with a stable code. Reasons are cut to the 123 bytes that a frame can carry.
pub(crate) fn close(why: Close, reason: &str) -> Message {
    let end = reason.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= 123).last();
    let reason = reason.get(..end.unwrap_or(0)).unwrap_or_default();
    Message::Close(Some(CloseFrame { code: why.code(), reason: reason.into() }))
}

/// One value as a binary frame.
pub(crate) fn frame<T: Encode<()>>(value: &T) -> Message {
    Message::Binary(canonical::encode(value).into())
}

/// The next binary frame; pings and pongs are answered below. `None` at the end, or for a text frame.
pub(crate) async fn next(socket: &mut WebSocket) -> Option<Bytes> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Binary(bytes))) => return Some(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_) | Message::Close(_)) | Err(_)) | None => return None,
        }
    }
}
