//! One connection to a broker, as a stranger or with the hub's login. Knows topics, not locks.

use super::limits::{BROKER_ANSWER, BROKER_PACKET_BYTES_MAX};
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, NetworkOptions, Packet, Publish, QoS,
    SubscribeReasonCode,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoLine {
    /// The broker does not let this login in.
    Refused(String),
    /// No broker there.
    Unreachable(String),
}

/// A connection that the broker accepted.
pub(super) struct Line {
    client: AsyncClient,
    events: EventLoop,
    inbox: VecDeque<Publish>,
}

impl Line {
    /// Connects; without a login as anyone would.
    pub(super) async fn open(
        host: &str,
        port: u16,
        login: Option<&(String, String)>,
    ) -> Result<Self, NoLine> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut options =
            MqttOptions::new(format!("vestibule-doctor-{}-{number}", std::process::id()), host, port);
        options.set_clean_session(true);
        options.set_max_packet_size(BROKER_PACKET_BYTES_MAX, BROKER_PACKET_BYTES_MAX);
        if let Some((user, password)) = login {
            options.set_credentials(user, password);
        }
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(BROKER_ANSWER.as_secs());
        let (client, mut events) = AsyncClient::new(options, 16);
        events.set_network_options(network);
        let connected = tokio::time::timeout(BROKER_ANSWER, events.poll()).await;
        match connected {
            Ok(Ok(_)) => Ok(Self { client, events, inbox: VecDeque::new() }),
            Ok(Err(ConnectionError::ConnectionRefused(why))) => Err(NoLine::Refused(format!("{why:?}"))),
            Ok(Err(why)) => Err(NoLine::Unreachable(why.to_string())),
            Err(_) => Err(NoLine::Unreachable("no answer".into())),
        }
    }

    /// True if the broker grants it.
    pub(super) async fn subscribe(&mut self, topic: &str) -> bool {
        if self.client.try_subscribe(topic, QoS::AtLeastOnce).is_err() {
            return false;
        }
        let ack = self.packet(|packet| match packet {
            Packet::SubAck(ack) => Some(!ack.return_codes.contains(&SubscribeReasonCode::Failure)),
            _ => None,
        });
        ack.await.unwrap_or(false)
    }

    /// Sends once, not retained. True if the broker took it, which does not mean that it passed it on.
    pub(super) async fn publish(&mut self, topic: &str, payload: &str) -> bool {
        if self.client.try_publish(topic, QoS::AtLeastOnce, false, payload).is_err() {
            return false;
        }
        self.packet(|packet| matches!(packet, Packet::PubAck(_)).then_some(())).await.is_some()
    }

    /// The next message on `topic`, waited for.
    pub(super) async fn heard(&mut self, topic: &str, limit: Duration) -> Option<Publish> {
        let listen = async {
            loop {
                while let Some(message) = self.inbox.pop_front() {
                    if message.topic == topic {
                        return Some(message);
                    }
                }
                match self.events.poll().await {
                    Ok(Event::Incoming(Packet::Publish(message))) => self.inbox.push_back(message),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(limit, listen).await.ok().flatten()
    }

    async fn packet<T>(&mut self, pick: impl Fn(&Packet) -> Option<T>) -> Option<T> {
        let listen = async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(Packet::Publish(message))) => self.inbox.push_back(message),
                    Ok(Event::Incoming(packet)) => {
                        if let Some(found) = pick(&packet) {
                            return Some(found);
                        }
                    }
                    Ok(Event::Outgoing(_)) => {}
                    Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(BROKER_ANSWER, listen).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_no_broker_listens_there_is_no_line() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let line = Line::open("127.0.0.1", port, None).await;
        assert!(matches!(line.err(), Some(NoLine::Unreachable(_))));
    }
}
