//! One virtual house by hand: `cargo run --release -p house --example house -- DIR [mqtt://127.0.0.1:1883]`.
//! Then `socat - UNIX-CONNECT:DIR/house.sock` and say `{"act":"ring"}`.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = std::path::PathBuf::from(args.next().ok_or("say a directory for the sockets")?);
    let options = house::Options {
        control: dir.join("house.sock"),
        camera: dir.join("camera.sock"),
        mqtt: args.next(),
        mqtt_prefix: "vestibule/house".into(),
        utc_offset_minutes: 60,
    };
    Ok(house::run(options).await?)
}
