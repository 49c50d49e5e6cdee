//! No message of a broker is taken for what it does not say, and none ends the hub.

use super::*;
use crate::lock::LockConfig;
use doorkeeper::sensors::Bolt;
use proptest::prelude::*;

fn topic() -> impl Strategy<Value = String> {
    const REAL: &[&str] = &[
        "homeassistant/lock/front/config",
        "s",
        "a",
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/front",
        "zigbee2mqtt/front/availability",
    ];
    prop_oneof![9 => prop::sample::select(REAL).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    const NEAR_MISSES: &[&str] = &[
        r#"{"stat_t":"s","cmd_t":"c","avty_t":"a"}"#,
        r#"{"stat_t":"s","cmd_t":"c","~":["~"],"avty":[{}]}"#,
        r#"{"stat_t":"~","cmd_t":"c"}"#,
        "online",
        r#"{"state":"online"}"#,
        r#"{"state":"LOCK"}"#,
        r#"{"lock_state":["lock"],"battery":1e300,"last_seen":-1,"door_state":{}}"#,
        r#"{"battery":"NaN","tamper":"yes","contact":null}"#,
        "LOCKING",
        "",
    ];
    let near_miss = prop::sample::select(NEAR_MISSES).prop_map(|text: &str| text.as_bytes().to_vec());
    prop_oneof![4 => near_miss, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_nonsense_is_ever_taken_for_locked_and_none_ends_the_hub(
        messages in prop::collection::vec((topic(), payload(), any::<bool>()), 1..30)
    ) {
        for profile in ["home_assistant", "zigbee2mqtt"] {
            let address = format!("mqtt://b/{profile}?lock=front&smoke=s&no=n&battery=b");
            let Ok(LockConfig::Mqtt(config)) = address.parse() else { panic!("{address}") };
            let mut devices = config.devices();
            for device in &mut devices {
 device.connected();
}
            for (topic, payload, retained) in &messages {
                let mut publish = Publish::new(topic, QoS::AtMostOnce, payload.clone());
                publish.retain = *retained;
                let actions = react(&mut devices, &Packet::Publish(publish));
                prop_assert!(!actions.contains(&Action::Report(Report::Bolt(Bolt::Locked))), "{topic} {payload:?}");
            }
        }
    }
}
