//! Lines in: from bytes to a typed request, or to a sentence that names the field and the mend.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::physics::{Act, Command, LABEL_BYTES_MAX, LATE_MS_MAX, LockFault, Misbehave};

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The lock shall move its bolt.
    Do(Command),
    /// Somebody does something.
    Act(Act),
    /// Parts shall misbehave, or behave again.
    Misbehave(Misbehave),
    /// Report and truth, once.
    GetState,
    /// Reports from now on.
    Subscribe,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadLine(pub String);

const VERBS: &str = "`do`, `act`, `misbehave`, `get`, `subscribe`";
const PARTS: &str = "`lock`, `door`, `camera`, `battery_percent`";

/// Reads one line.
pub(super) fn parse(line: &[u8]) -> Result<Request, BadLine> {
    let object: Map<String, Value> = serde_json::from_slice(line)
        .map_err(|error| BadLine(format!("the line is not one JSON object: {error}; send one of {VERBS}")))?;
    let mut fields = object.into_iter();
    let (Some((verb, value)), None) = (fields.next(), fields.next()) else {
        return Err(BadLine(format!("the line must have exactly one field; send one of {VERBS}")));
    };
    match verb.as_str() {
        "do" => field("do", value).map(Request::Do),
        "act" => act(value).map(Request::Act),
        "misbehave" => misbehave(value).map(Request::Misbehave),
        "get" if value == "state" => Ok(Request::GetState),
        "get" => Err(BadLine(format!("get: {value} cannot be got; send `{{\"get\":\"state\"}}`"))),
        "subscribe" if value == Value::Bool(true) => Ok(Request::Subscribe),
        "subscribe" => {
            Err(BadLine(format!("subscribe: {value} is not `true`; to end it, close the connection")))
        }
        other => Err(BadLine(format!("{other}: unknown field; send one of {VERBS}"))),
    }
}

fn act(value: Value) -> Result<Act, BadLine> {
    let value = if value == "parcel" { serde_json::json!({ "parcel": {} }) } else { value };
    let act = field("act", value)?;
    match &act {
        Act::Parcel { label: Some(label) } if label.len() > LABEL_BYTES_MAX => {
            Err(BadLine(format!("act.parcel.label: {} bytes; at most {LABEL_BYTES_MAX} fit", label.len())))
        }
        _ => Ok(act),
    }
}

fn misbehave(value: Value) -> Result<Misbehave, BadLine> {
    if value == "none" {
        return Ok(Misbehave::NOTHING);
    }
    let Value::Object(parts) = value else {
        return Err(BadLine(format!("misbehave: must be `none` or an object with {PARTS}")));
    };
    if parts.is_empty() {
        return Err(BadLine(format!("misbehave: is empty; name one of {PARTS}, or say `none`")));
    }
    let mut change = Misbehave::default();
    for (part, value) in parts {
        match part.as_str() {
            "lock" => change.lock = Some(field("misbehave.lock", value)?),
            "door" => change.door = Some(field("misbehave.door", value)?),
            "camera" => change.camera = Some(field("misbehave.camera", value)?),
            "battery_percent" => change.battery_percent = Some(percent(value)?),
            other => return Err(BadLine(format!("misbehave.{other}: unknown part; name one of {PARTS}"))),
        }
    }
    if let Some(LockFault::Late(late_ms)) = change.lock
        && late_ms > LATE_MS_MAX
    {
        return Err(BadLine(format!("misbehave.lock.late: {late_ms} ms; at most {LATE_MS_MAX}")));
    }
    Ok(change)
}

fn percent(value: Value) -> Result<u8, BadLine> {
    let percent: u8 = field("misbehave.battery_percent", value)?;
    if percent > 100 {
        return Err(BadLine(format!("misbehave.battery_percent: {percent}; at most 100")));
    }
    Ok(percent)
}

fn field<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, BadLine> {
    serde_json::from_value(value).map_err(|error| BadLine(format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{Request, parse};
    use crate::physics::{Act, CameraFault, Command, Door, DoorFault, LockFault, Misbehave, Switch};

    fn good(line: &str) -> Request {
        parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    fn bad(line: &str) -> String {
        parse(line.as_bytes()).expect_err(line).0
    }

    #[test]
    fn every_kind_of_line_is_understood() {
        assert_eq!(good(r#"{"do":"unlock"}"#), Request::Do(Command::Unlock));
        assert_eq!(good(r#"{"act":"step_in"}"#), Request::Act(Act::StepIn));
        assert_eq!(good(r#"{"act":"parcel"}"#), Request::Act(Act::Parcel { label: None }));
        let labelled = Act::Parcel { label: Some("0034".into()) };
        assert_eq!(good(r#"{"act":{"parcel":{"label":"0034"}}}"#), Request::Act(labelled));
        assert_eq!(good(r#"{"act":{"smoke":"on"}}"#), Request::Act(Act::Smoke(Switch::On)));
        assert_eq!(good(r#"{"get":"state"}"#), Request::GetState);
        assert_eq!(good(r#"{"subscribe":true}"#), Request::Subscribe);
        assert_eq!(good(r#"{"misbehave":"none"}"#), Request::Misbehave(Misbehave::NOTHING));
        let change = Misbehave {
            lock: Some(LockFault::Late(3_000)),
            door: Some(DoorFault::ContactStuck(Door::Unknown)),
            camera: Some(CameraFault::Freeze),
            battery_percent: Some(7),
        };
        let line = r#"{"misbehave":{"lock":{"late":3000},"door":{"contact_stuck":"unknown"},
            "camera":"freeze","battery_percent":7}}"#;
        assert_eq!(good(line), Request::Misbehave(change));
    }

    #[test]
    fn bad_line_names_the_field() {
        for (line, names) in [
            (r#"{"do":"open"}"#, "do: "),
            (r#"{"act":"puhs"}"#, "act: "),
            (r#"{"act":{"parcel":{"lable":"x"}}}"#, "lable"),
            (r#"{"misbehave":{"lock":"jamm"}}"#, "misbehave.lock: "),
            (r#"{"misbehave":{"door":{"contact_stuck":"ajar"}}}"#, "misbehave.door: "),
            (r#"{"misbehave":{"window":"open"}}"#, "misbehave.window: "),
            (r#"{"misbehave":{"lock":{"late":700000}}}"#, "misbehave.lock.late: "),
            (r#"{"misbehave":{"battery_percent":101}}"#, "misbehave.battery_percent: "),
            (r#"{"misbehave":{}}"#, "misbehave: "),
            (r#"{"get":"truth"}"#, "get: "),
            (r#"{"subscribe":false}"#, "subscribe: "),
            (r#"{"open":true}"#, "open: "),
        ] {
            assert!(bad(line).contains(names), "{line}: {}", bad(line));
        }
        assert!(bad(r#"{"act":"puhs"}"#).contains("`push`"), "and the mend");
    }

    #[test]
    fn what_is_not_one_field_in_one_object_is_refused() {
        for line in ["", "[]", "null", "{", "{}", r#"{"do":"lock","act":"push"}"#, "\u{0}\u{1}"] {
            assert!(bad(line).contains("`do`"), "{line}");
        }
        assert!(parse(&[0xFF, 0xFE]).is_err());
    }

    #[test]
    fn a_label_that_does_not_fit_is_refused() {
        let line = format!(r#"{{"act":{{"parcel":{{"label":"{}"}}}}}}"#, "x".repeat(41));
        assert!(bad(&line).contains("act.parcel.label"));
    }
}
