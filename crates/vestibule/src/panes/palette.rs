//! Colours of the terminal view. Backgrounds are never painted; colour only repeats what words and shapes say.

use ratatui::style::{Color, Modifier, Style};

/// How many colours there are, and on what ground they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// None: `NO_COLOR`.
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// 24 bits, on a ground that is light.
    OnLight,
    /// 24 bits, on a ground that is dark.
    OnDark,
    /// 24 bits, on a ground that nobody told us: tones between, readable on both.
    OnUnknown,
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Locked, live, done.
    Calm,
    /// Open, or waiting.
    Waiting,
    /// An incident.
    Alarm,
    /// Unknown, and everything that should stand back.
    Quiet,
}

impl Colours {
    /// From what the terminal says about itself.
    pub(super) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::None;
        }
        if !matches!(variable("COLORTERM").as_deref(), Some("truecolor" | "24bit")) {
            return Self::Sixteen;
        }
        // rxvt, Konsole and some others: "foreground;background" as numbers of the sixteen colours.
        let ground = variable("COLORFGBG");
        match ground.as_deref().and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok()) {
            Some(7 | 9..=15) => Self::OnLight,
            Some(0..=6 | 8) => Self::OnDark,
            Some(16..) | None => Self::OnUnknown,
        }
    }

    pub(super) const fn style(self, tone: Tone) -> Style {
        let colour = match (self, tone) {
            (Self::None | Self::Sixteen, Tone::Quiet) => return Style::new().add_modifier(Modifier::DIM),
            (Self::None, _) => return Style::new(),
            (Self::Sixteen, Tone::Calm) => Color::Green,
            (Self::Sixteen, Tone::Waiting) => Color::Yellow,
            (Self::Sixteen, Tone::Alarm) => Color::Red,
            (Self::OnLight, Tone::Calm) => Color::Rgb(0x17, 0x59, 0x4f),
            (Self::OnLight, Tone::Waiting) => Color::Rgb(0x8a, 0x52, 0x00),
            (Self::OnLight, Tone::Alarm) => Color::Rgb(0xb3, 0x26, 0x1e),
            (Self::OnLight, Tone::Quiet) => Color::Rgb(0x55, 0x61, 0x6a),
            (Self::OnDark, Tone::Calm) => Color::Rgb(0x6f, 0xc2, 0xae),
            (Self::OnDark, Tone::Waiting) => Color::Rgb(0xf0, 0xb5, 0x57),
            (Self::OnDark, Tone::Alarm) => Color::Rgb(0xff, 0x8a, 0x7d),
            (Self::OnDark, Tone::Quiet) => Color::Rgb(0x9b, 0xa8, 0xae),
            (Self::OnUnknown, Tone::Calm) => Color::Rgb(0x2a, 0x85, 0x73),
            (Self::OnUnknown, Tone::Waiting) => Color::Rgb(0xa8, 0x6a, 0x10),
            (Self::OnUnknown, Tone::Alarm) => Color::Rgb(0xd9, 0x48, 0x3b),
            (Self::OnUnknown, Tone::Quiet) => Color::Rgb(0x74, 0x7f, 0x86),
        };
        Style::new().fg(colour)
    }
}

#[cfg(test)]
mod tests {
    use super::{Colours, Tone};
    use ratatui::style::Color;

    const LIGHT: Color = Color::Rgb(0xff, 0xff, 0xff);
    const DARK: Color = Color::Rgb(0x12, 0x19, 0x1b);

    /// WCAG 2.2, relative luminance.
    fn luminance(colour: Color) -> f64 {
        let Color::Rgb(red, green, blue) = colour else { panic!("{colour:?} is no 24-bit colour") };
        let [red, green, blue] = [red, green, blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(colours: Colours, tone: Tone, ground: Color) -> f64 {
        let colour = colours.style(tone).fg.expect("a colour");
        let (a, b) = (luminance(colour), luminance(ground));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_tone_is_readable_on_its_ground() {
        for tone in [Tone::Calm, Tone::Waiting, Tone::Alarm, Tone::Quiet] {
            for (colours, ground, least) in [
                (Colours::OnLight, LIGHT, 5.7),
                (Colours::OnDark, DARK, 5.7),
                (Colours::OnUnknown, LIGHT, 3.8),
                (Colours::OnUnknown, DARK, 3.8),
            ] {
                let contrast = contrast(colours, tone, ground);
                assert!(contrast >= least, "{colours:?} {tone:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn the_environment_decides() {
        let chosen = |set: &[(&str, &str)]| {
            Colours::from_environment(|name| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(chosen(&[]), Colours::Sixteen);
        assert_eq!(chosen(&[("COLORTERM", "truecolor")]), Colours::OnUnknown);
        assert_eq!(chosen(&[("COLORTERM", "24bit"), ("COLORFGBG", "0;15")]), Colours::OnLight);
        assert_eq!(chosen(&[("COLORTERM", "24bit"), ("COLORFGBG", "15;default;0")]), Colours::OnDark);
        assert_eq!(chosen(&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Colours::None);
        assert_eq!(chosen(&[("COLORTERM", "truecolor"), ("NO_COLOR", "")]), Colours::OnUnknown);
    }
}
