//! What a driver has to say that is not a state: why a command was dropped, and what somebody should mend.

use crate::limits::{MQTT_PAYLOAD_BYTES_MAX, SHOWN_CHARS_MAX, VIRTUAL_LINE_BYTES_MAX};

/// Why a command was not handed to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Why {
    /// Its deadline had passed.
    #[error("its time was over")]
    Expired,
    /// The device or the way to it was down.
    #[error("the lock could not be reached")]
    Offline,
    /// The device has no such function, or its description was refused.
    #[error("the lock cannot do that")]
    Unsupported,
}

/// Something that a person should mend, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The way to the device broke or does not come up.
    #[error("no connection to {peer}: {reason}")]
    Disconnected {
        /// Broker or socket.
        peer: String,
        /// What the network said.
        reason: String,
    },
    /// Larger than any lock sends.
    #[error("a message on {topic} has {bytes} bytes, more than {MQTT_PAYLOAD_BYTES_MAX}: ignored")]
    TooLarge {
        /// Where.
        topic: String,
        /// Its size.
        bytes: usize,
    },
    /// A line of the virtual home without end.
    #[error("the virtual home sent a line of more than {VIRTUAL_LINE_BYTES_MAX} bytes")]
    LineTooLong,
    /// Not UTF-8.
    #[error("a message on {topic} is not text: ignored")]
    NotText {
        /// Where.
        topic: String,
    },
    /// Text that the driver does not know.
    #[error("\"{shown}\" on {topic} is not understood, so that state is unknown")]
    NotUnderstood {
        /// Where.
        topic: String,
        /// Its beginning.
        shown: String,
    },
    /// A device description that this hub will not follow.
    #[error("the device description on {topic} is refused: {reason}")]
    Refused {
        /// Where.
        topic: String,
        /// What in it.
        reason: String,
    },
    /// The lock's description asks for retained commands.
    #[error(
        "the device description on {topic} asks for retained commands: a retained unlock opens the door again \
         after every restart of the broker. Take \"retain\" out of it"
    )]
    RetainedCommands {
        /// Where.
        topic: String,
    },
    /// The device answered with an error.
    #[error("the lock says: {0}")]
    Device(String),
}

impl Finding {
    /// `payload` on `topic` is not understood.
    pub(super) fn not_understood(topic: &str, payload: &str) -> Self {
        Self::NotUnderstood { topic: topic.to_owned(), shown: shown(payload) }
    }
}

/// The beginning of a foreign text, safe to print.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
