//! Colours of the drawing, and the light they are seen in.

/// A colour, 0xRRGGBB.
pub(super) type Hex = u32;

pub(super) const INK: Hex = 0x1E_2A2E;
pub(super) const PAPER: Hex = 0xF7_F4EE;
pub(super) const CALM: Hex = 0x17_594F;
pub(super) const WAITING: Hex = 0x8A_5200;
pub(super) const ALARM: Hex = 0xB3_261E;
pub(super) const BRASS: Hex = 0xB8_863B;
pub(super) const BRASS_LIGHT: Hex = 0xE0_B76A;
pub(super) const BRASS_DARK: Hex = 0x7C_5620;
pub(super) const WALL: Hex = 0xEC_E2CF;
pub(super) const WALL_STROKE: Hex = 0xE2_D6BF;
pub(super) const WAINSCOT: Hex = 0x9F_B8A9;
pub(super) const WAINSCOT_DARK: Hex = 0x86_A193;
pub(super) const WAINSCOT_LIGHT: Hex = 0xB4_C8BB;
pub(super) const TRIM: Hex = 0xF4_EEE1;
pub(super) const TRIM_SHADE: Hex = 0xD5_C9B3;
pub(super) const OAK: Hex = 0xBD_8C52;
pub(super) const OAK_DARK: Hex = 0x9A_6C3A;
pub(super) const OAK_LIGHT: Hex = 0xD2_A56C;
pub(super) const WALNUT: Hex = 0x7B_5439;
pub(super) const WALNUT_DARK: Hex = 0x5C_3D29;
pub(super) const COAT: Hex = 0xF2_B928;
pub(super) const COAT_SHADE: Hex = 0xD3_9A17;
pub(super) const COAT_LIGHT: Hex = 0xFB_D363;
pub(super) const KRAFT: Hex = 0xC7_9D6D;
pub(super) const KRAFT_TOP: Hex = 0xDD_B98B;
pub(super) const KRAFT_SIDE: Hex = 0xA2_7A50;
pub(super) const JACKET: Hex = 0x3F_6274;
pub(super) const JACKET_DARK: Hex = 0x2F_4B5B;
pub(super) const SKIN: Hex = 0xB9_8B6C;

/// The light of a time of day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Light {
    /// What the room's colours are multiplied with.
    tint: [f32; 3],
    /// 0 night, 1 day.
    pub(super) day: f32,
    /// 1 at sunrise and sunset, 0 far from them.
    pub(super) dusk: f32,
}

impl Light {
    /// The light at `local_ms` since 1970 in local time.
    pub(super) fn at(local_ms: u64) -> Self {
        let hour = super::local_hours(local_ms);
        let elevation = ((hour - 6.5) / 12.0 * std::f32::consts::PI).sin();
        let day = smooth((elevation + 0.18) / 0.45);
        let dusk = smooth(1.0 - (elevation / 0.32).abs());
        let night_tint = [0.56, 0.52, 0.55];
        let dusk_tint = [1.0, 0.93, 0.85];
        let mut tint = [0.0; 3];
        for (channel, value) in tint.iter_mut().enumerate() {
            let by_day = 1.0 - dusk * (1.0 - dusk_tint[channel]);
            *value = night_tint[channel] + (by_day - night_tint[channel]) * day;
        }
        Self { tint, day, dusk }
    }

    /// Light that leaves colours as they are: for things that shine.
    pub(super) const PLAIN: Self = Self { tint: [1.0; 3], day: 1.0, dusk: 0.0 };

    /// The same light on what must be read even at night: half way to full.
    pub(super) fn lifted(self) -> Self {
        Self { tint: self.tint.map(|value| f32::midpoint(value, 1.0)), ..self }
    }

    pub(super) fn on(self, hex: Hex) -> [f32; 3] {
        let [r, g, b] = channels(hex);
        [r * self.tint[0], g * self.tint[1], b * self.tint[2]]
    }

    /// Colour of the sky through the window.
    pub(super) fn sky(self) -> Hex {
        mix(mix(0x16_2233, 0xA9_CBD6, self.day), 0xE8_A878, self.dusk * 0.6)
    }
}

pub(super) fn channels(hex: Hex) -> [f32; 3] {
    let [_, r, g, b] = hex.to_be_bytes();
    [f32::from(r) / 255.0, f32::from(g) / 255.0, f32::from(b) / 255.0]
}

/// `share` of `b` in `a`.
pub(super) fn mix(a: Hex, b: Hex, share: f32) -> Hex {
    let (a, b) = (channels(a), channels(b));
    let mut hex = 0;
    for channel in 0..3 {
        let value = a[channel] + (b[channel] - a[channel]) * share.clamp(0.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255")]
        let byte = (value * 255.0).round() as u32;
        hex = hex << 8 | byte;
    }
    hex
}

/// Smoothstep of 0..1, clamped.
pub(super) fn smooth(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::Light;

    const HOUR_MS: u64 = 3_600_000;

    #[test]
    fn noon_is_bright_and_midnight_is_not() {
        assert!(Light::at(12 * HOUR_MS).day > 0.99);
        assert!(Light::at(0).day < 0.01);
        assert!(Light::at(18 * HOUR_MS + HOUR_MS / 2).dusk > 0.9);
    }
}
