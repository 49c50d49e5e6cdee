//! What an eye in the hallway would see: the input of the painter.

use super::{House, Visitor};

/// One parcel, as seen.
#[derive(Debug, Clone, PartialEq)]
pub struct ParcelSeen {
    /// What is printed on it.
    pub label: String,
    /// 0 on the landing, 0.5 on the strip, 1 in its place.
    pub progress: f32,
}

/// Everything visible at one moment.
#[allow(clippy::struct_excessive_bools, reason = "they are independent things that are seen or not")]
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Wall time, in ms since 1970 UTC.
    pub unix_ms: u64,
    /// 0 withdrawn, 1 thrown: the true bolt, whatever the lock says.
    pub bolt: f32,
    /// Whether the bolt is stuck against the frame.
    pub jammed: bool,
    /// 0 shut, 1 wide open.
    pub angle: f32,
    /// Whether the lock has power (its small light is on).
    pub powered: bool,
    /// Where the visitor is.
    pub visitor: Visitor,
    /// 0 the visitor's shoe on the landing, 1 inside.
    pub shoe: f32,
    /// The parcels, in the order they came.
    pub parcels: Vec<ParcelSeen>,
    /// Whether there is smoke.
    pub smoke: bool,
    /// Whether the "No" button is lit.
    pub no_button: bool,
    /// Age of the last ring, in ms, while it can be seen.
    pub rung_ms: Option<u64>,
    /// Age of the last chime, in ms, while it can be seen.
    pub chimed_ms: Option<u64>,
    /// Age of the last push at the door, in ms, while it can be seen.
    pub pushed_ms: Option<u64>,
}

/// Ripples of bell, chime and push are seen for this long, in ms.
const RIPPLE_MS: u64 = 1_600;

impl Scene {
    /// A quiet hallway: shut, bolted, nobody about.
    pub fn quiet(unix_ms: u64) -> Self {
        Self {
            unix_ms,
            bolt: 1.0,
            jammed: false,
            angle: 0.0,
            powered: true,
            visitor: Visitor::Away,
            shoe: 0.0,
            parcels: Vec::new(),
            smoke: false,
            no_button: false,
            rung_ms: None,
            chimed_ms: None,
            pushed_ms: None,
        }
    }
}

impl House {
    /// What an eye in the hallway sees now.
    pub fn scene(&self) -> Scene {
        let fresh = |then_ms| self.since_ms(then_ms).filter(|age_ms| *age_ms < RIPPLE_MS);
        Scene {
            unix_ms: self.moment.unix_ms,
            bolt: self.lock.position(),
            jammed: self.lock.is_jammed(),
            angle: self.leaf.angle(),
            powered: self.lock.online(),
            visitor: self.visitor,
            shoe: self.shoe,
            parcels: self
                .parcels
                .iter()
                .map(|parcel| ParcelSeen { label: parcel.label.clone(), progress: parcel.progress })
                .collect(),
            smoke: self.smoke,
            no_button: self.report().no_button,
            rung_ms: fresh(self.rung_ms),
            chimed_ms: fresh(self.chimed_ms),
            pushed_ms: fresh(self.pushed_ms),
        }
    }
}
