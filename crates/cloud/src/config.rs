//! What the operator sets.

use protocol::Kid;
use serde::{Deserialize, Deserializer, de};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The cloud's settings, as in its TOML file. An unknown key is an error.
///
/// ```
/// let config: cloud::Config = toml::from_str(
///     r#"
///     listen = "127.0.0.1:8080"
///     data = "/var/lib/vestibule"
///     audience = "cloud.example"
///     operators = ["2f1d0c9b8a7968574635241302f1e0d0cfbeadac9b8a79685746352413021100"]
///     "#,
/// )
/// .unwrap();
/// assert_eq!(config.operators.len(), 1);
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Folder for databases and recordings; made if missing.
    pub data: PathBuf,
    /// The cloud's name, 1 to 64 bytes. Everyone who signs in signs it, so that one cloud cannot sign in at another.
    pub audience: String,
    /// Key identifiers of the operators, 64 hexadecimal digits each. They admit providers and read incidents.
    #[serde(default, deserialize_with = "kids")]
    pub operators: Vec<Kid>,
}

fn kids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Kid>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            Kid::from_hex(text).ok_or_else(|| {
                de::Error::custom(format!(
                    "operators: {text:?} is no key identifier; write its 64 hexadecimal digits, as the key's owner sees them"
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_and_a_bad_operator_are_named() {
        let base = "listen = \"127.0.0.1:0\"\ndata = \"x\"\naudience = \"a\"\n";
        let unknown = toml::from_str::<Config>(&format!("{base}colour = 1")).unwrap_err().to_string();
        assert!(unknown.contains("colour"), "{unknown}");
        let operator =
            toml::from_str::<Config>(&format!("{base}operators = [\"ab\"]")).unwrap_err().to_string();
        assert!(operator.contains("64 hexadecimal digits"), "{operator}");
    }
}
