//! Value templates: `{{ value_json.x }}` and nothing else. A template is a program; this hub runs none but its own.

/// The path of `{{ value_json.a.b }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<String>);

impl Template {
    /// `None` if it is anything but a path.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let path = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim().strip_prefix("value_json.")?;
        let name =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        path.split('.').all(name).then(|| Self(path.split('.').map(str::to_owned).collect()))
    }

    /// The value at the path, as text; `None` if the payload has none.
    pub(super) fn apply(&self, payload: &str) -> Option<String> {
        let root: serde_json::Value = serde_json::from_str(payload).ok()?;
        self.0.iter().try_fold(&root, |value, name| value.get(name)).and_then(text)
    }
}

/// A JSON value as a device would have written it alone.
pub(super) fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_path_and_refuses_programs() {
        let path = Template::parse("{{ value_json.lock.state }}").unwrap();
        assert_eq!(path.apply(r#"{"lock":{"state":"LOCKED"}}"#).as_deref(), Some("LOCKED"));
        assert_eq!(
            Template::parse("{{value_json.contact}}").unwrap().apply(r#"{"contact":false}"#).unwrap(),
            "false"
        );
        for missing in ["", "LOCKED", "{}", r#"{"lock":"x"}"#, r#"{"lock":{"state":null}}"#, "[[[["] {
            assert_eq!(path.apply(missing), None, "{missing}");
        }
        for program in [
            "{{ value }}",
            "{{ value_json.x | upper }}",
            "{{ value_json['x'] }}",
            "{{ value_json. }}",
            "{% if value_json.x %}LOCKED{% endif %}",
            "{{ value_json.x }}{{ value_json.y }}",
            "LOCKED",
        ] {
            assert_eq!(Template::parse(program), None, "{program}");
        }
    }
}
