//! Who takes part in a delivery, what each of them knows, and what each of them cannot do.
//!
//! The sentences are short claims about the protocol; each must stay true of what the programs really do.

/// One of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Signs permissions, watches, decides.
    Resident,
    /// The person at the door.
    Courier,
    /// The service that sends couriers, with its part of the cloud.
    Provider,
    /// The box inside: the only one that moves the bolt.
    Home,
}

impl Who {
    /// In the order of the panes: left to right, top to bottom.
    pub(crate) const ALL: [Self; 4] = [Self::Resident, Self::Courier, Self::Provider, Self::Home];

    /// Title of a pane.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Resident => "RESIDENT",
            Self::Courier => "COURIER",
            Self::Provider => "PROVIDER",
            Self::Home => "HOME",
        }
    }

    /// At the beginning of a plain line.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Courier => "courier",
            Self::Provider => "provider",
            Self::Home => "home",
        }
    }
}

/// What a pane says of its owner before anything happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The beginning of the hash of the key, in hexadecimal; grouped for the eye, as `a1b2 c3d4`.
    pub(crate) fingerprint: String,
    /// What this person has in hand.
    pub(crate) knows: &'static str,
    /// What this person cannot see or do, whatever they try.
    pub(crate) cannot: &'static str,
}

/// The four people of the play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cast {
    pub(crate) resident: Person,
    pub(crate) courier: Person,
    pub(crate) provider: Person,
    pub(crate) home: Person,
}

impl Cast {
    /// A delivery to an empty home. The keys are hashes in the order resident, courier, provider, home; of each the
    /// first four bytes are shown.
    pub(crate) fn of_a_delivery([resident, courier, provider, home]: [&[u8]; 4]) -> Self {
        Self {
            resident: Person {
                fingerprint: fingerprint(resident),
                knows: "who may come, when, and how",
                cannot: "alter the door log unnoticed",
            },
            courier: Person {
                fingerprint: fingerprint(courier),
                knows: "this parcel, door and terms",
                cannot: "see the picture, open twice",
            },
            provider: Person {
                fingerprint: fingerprint(provider),
                knows: "the parcel, its courier",
                cannot: "see the picture, open without a permission",
            },
            home: Person {
                fingerprint: fingerprint(home),
                knows: "whose signatures it trusts",
                cannot: "be opened from the cloud",
            },
        }
    }

    pub(super) const fn person(&self, who: Who) -> &Person {
        match who {
            Who::Resident => &self.resident,
            Who::Courier => &self.courier,
            Who::Provider => &self.provider,
            Who::Home => &self.home,
        }
    }
}

/// The first four bytes, as people compare them.
pub(super) fn fingerprint(key: &[u8]) -> String {
    let mut out = String::with_capacity(9);
    for (index, byte) in key.iter().take(4).enumerate() {
        if index == 2 {
            out.push(' ');
        }
        for nibble in [byte >> 4, byte & 0x0f] {
            out.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn a_fingerprint_is_two_groups_of_four() {
        assert_eq!(fingerprint(&[0xa1, 0xb2, 0xc3, 0xd4, 0xe5]), "a1b2 c3d4");
        assert_eq!(fingerprint(&[0x0f]), "0f");
    }
}
