//! What the conformance suite drives: a scripted lock, and the peer between it and the hub.

pub(crate) mod house;
pub(crate) mod mosquitto;

/// A lock that does what the test says, on a peer that can be killed.
pub(crate) trait Rig {
    /// Starts peer and lock. The lock is not there yet.
    async fn start() -> Self;
    /// The driver's setting.
    fn address(&self) -> String;
    /// The lock comes or goes.
    async fn online(&mut self, online: bool);
    /// The lock reports: `locked`, `unlocked`, `jammed`.
    async fn says(&mut self, bolt: &str);
    /// Something that is no state at all.
    async fn says_garbage(&mut self);
    /// Somebody else unlocks: the lock gets no command from the hub, and says `unlocked`.
    async fn unlocked_by_another(&mut self);
    /// The next command that the lock got: `unlock` or `lock`.
    async fn next_command(&mut self) -> String;
    /// Everything else it got.
    async fn commands_within(&mut self, ms: u64) -> Vec<String>;
    /// As with kill -9.
    async fn kill_peer(&mut self);
    /// Afterwards the lock is there again and has said `locked`, perhaps before the hub was back.
    async fn restart_peer(&mut self);
}
