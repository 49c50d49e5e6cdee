//! The virtual home: a door, its bolt, its lock, its contact, the people about it, and the camera in the
//! hallway; what stands behind a hub when there is no hardware.
//!
//! It is a process of its own, as hardware is: it survives a killed hub, and can itself be stopped to see what
//! the hub makes of silence. It decides nothing and knows nothing of grants.
//!
//! - [`physics`]: what is so, and what the devices say of it. No IO, no clock.
//! - [`socket`]: commands, acts of people, misbehaviour on request, reports, truth; JSON lines.
//! - `mqtt`: the same lock behind a broker.
//! - [`hallway`]: what an eye in the hallway sees.
//! - `camera`, [`wire`]: that picture as H.264 on a socket.

mod camera;
pub mod hallway;
mod mqtt;
pub mod physics;
pub mod socket;
pub mod wire;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;

use world::World;

/// Where the house can be reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// Path of the control socket; see [`socket`].
    pub control: PathBuf,
    /// Path of the camera's socket; see [`wire`].
    pub camera: PathBuf,
    /// A broker such as `mqtt://127.0.0.1:1883`, if the lock shall be there too.
    pub mqtt: Option<String>,
    /// Topics at the broker begin with this, such as `vestibule/house`.
    pub mqtt_prefix: String,
    /// How large the camera's picture is.
    pub picture: hallway::Size,
    /// The wall clock and the daylight are so far east of UTC, in minutes.
    pub utc_offset_minutes: i32,
}

/// Why the house cannot stand.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// A socket cannot be made or broke.
    #[error("{what}: {error}")]
    Socket {
        /// Which one.
        what: &'static str,
        /// What the system says.
        error: std::io::Error,
    },
    /// Another house lives at this socket.
    #[error("another house answers at {0}; stop it or choose another path")]
    Taken(PathBuf),
    /// The broker's address is not understood.
    #[error("`{0}` is not a broker's address; write it like mqtt://127.0.0.1:1883")]
    MqttUrl(String),
    /// The topic prefix cannot be used.
    #[error("`{0}` is not a topic prefix; write it like vestibule/house, without + # and outer slashes")]
    MqttPrefix(String),
    /// No memory for the picture.
    #[error("no memory for a picture of the hallway")]
    Canvas,
    /// The encoder failed.
    #[error("the encoder failed: {0}")]
    Encoder(#[from] openh264::Error),
    /// The encoder gave no parameter sets.
    #[error("the encoder gave no parameter sets")]
    ParameterSets,
    /// A frame does not fit the wire.
    #[error("a frame does not fit the wire: {0}")]
    Wire(#[from] wire::WireError),
    /// The camera could not begin.
    #[error("the camera could not begin")]
    CameraThread,
}

/// Lets a house stand until the future is dropped or something breaks.
pub async fn run(options: Options) -> Result<(), HouseError> {
    let place = options.mqtt.map(|url| mqtt::Place::parse(&url, &options.mqtt_prefix)).transpose()?;
    let control = bind(&options.control, "control socket")?;
    let camera = bind(&options.camera, "camera socket")?;
    let world = Arc::new(World::new());
    let broker = async {
        match place {
            Some(place) => mqtt::serve(place, Arc::clone(&world)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = world.turn() => Ok(()),
        () = broker => Ok(()),
        result = socket::serve(control, Arc::clone(&world)) => {
            result.map_err(|error| HouseError::Socket { what: "control socket", error })
        }
        result = camera::serve(camera, Arc::clone(&world), options.picture, options.utc_offset_minutes) => result,
    }
}

/// Binds a socket that only this user may open. What a dead house left behind is removed.
fn bind(path: &Path, what: &'static str) -> Result<UnixListener, HouseError> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let wrong = |error| HouseError::Socket { what, error };
    if std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket()) {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(HouseError::Taken(path.to_owned()));
        }
        std::fs::remove_file(path).map_err(wrong)?;
    }
    let listener = UnixListener::bind(path).map_err(wrong)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(wrong)?;
    Ok(listener)
}
