//! The border to the page.

use crate::attempt::{Attempt, Outcome};
use crate::play::Game;
use tsify::{Ts, Tsify as _};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A home to break into.
#[wasm_bindgen]
pub struct Playground(Game);

#[wasm_bindgen]
impl Playground {
    /// `random`: 32 bytes, from which every key is made. `now_s`: seconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(random: &[u8], now_s: f64) -> Result<Playground, JsError> {
        let random = random.try_into().map_err(|_| JsError::new("random must be 32 bytes"))?;
        // Any day of this century, so that no sum below overflows.
        let days = 1_000_000_000.0..4_000_000_000.0;
        if !days.contains(&now_s) {
            return Err(JsError::new("now_s must be seconds since 1970"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at above")]
        Ok(Self(Game::new(random, now_s as u64)))
    }

    /// Tries the door.
    #[wasm_bindgen(js_name = tryDoor)]
    pub fn try_door(&mut self, attempt: Ts<Attempt>) -> Result<Ts<Outcome>, JsError> {
        let attempt = attempt.to_rust()?;
        let outcome = self.0.attempt(&attempt).map_err(|_| JsError::new("that key is not on the tray"))?;
        Ok(outcome.into_ts()?)
    }

    /// Everything as before the first attempt.
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// First second of tomorrow's window, since 1970.
    #[wasm_bindgen(getter, js_name = windowFrom)]
    pub fn window_from(&self) -> f64 {
        seconds(self.0.window_s().0)
    }

    /// First second after it, since 1970.
    #[wasm_bindgen(getter, js_name = windowUntil)]
    pub fn window_until(&self) -> f64 {
        seconds(self.0.window_s().1)
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
const fn seconds(s: u64) -> f64 {
    s as f64
}
