//! The server as browsers and strangers meet it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

const TOKEN: &str = "0123456789abcdefABCDEF-_";
const WITHIN: Duration = Duration::from_secs(5);

async fn served() -> (LivePage, SocketAddr) {
    let page = LivePage::serve(SocketAddr::from(([127, 0, 0, 1], 0)), TOKEN.to_owned()).await.expect("page");
    let address = page.link().trim_start_matches("http://").split('/').next().expect("address");
    let address = address.parse().expect("address");
    (page, address)
}

/// The whole answer to one request.
async fn ask(address: SocketAddr, target: &str, host: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = Vec::new();
    tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.expect("in time").expect("answer");
    String::from_utf8(answer).expect("text")
}

fn upgrade(origin: &str) -> String {
    format!(
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\n"
    )
}

#[tokio::test]
async fn the_whole_link_opens_the_page_under_both_names() {
    let (_page, address) = served().await;
    for host in [address.to_string(), format!("localhost:{}", address.port())] {
        let answer = ask(address, &format!("/?t={TOKEN}"), &host, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
        assert!(answer.contains("referrer-policy: no-referrer"), "{answer}");
        assert!(!answer.contains(TOKEN), "the page does not repeat the token");
    }
}

#[tokio::test]
async fn a_wrong_token_gets_a_sentence_and_no_page() {
    let (_page, address) = served().await;
    let prefix = &TOKEN[..TOKEN.len() - 1];
    for target in
        ["/".into(), "/?t=".into(), format!("/?t={prefix}"), format!("/?t={TOKEN}x"), "/live".into()]
    {
        let answer = ask(address, &target, &address.to_string(), "").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{target}: {answer}");
        assert!(answer.contains("opens with the whole link"), "{answer}");
    }
}

#[tokio::test]
async fn another_name_for_this_machine_is_refused() {
    let (_page, address) = served().await;
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        let answer = ask(address, &format!("/?t={TOKEN}"), host, "").await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("localhost only"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_strangers_page_cannot_open_the_stream() {
    let (_page, address) = served().await;
    for origin in ["http://evil.example", "null", &format!("https://{address}")] {
        let answer = ask(address, &format!("/live?t={TOKEN}"), &address.to_string(), &upgrade(origin)).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{origin}: {answer}");
    }
}

#[tokio::test]
async fn other_paths_get_a_sentence() {
    let (_page, address) = served().await;
    let answer = ask(address, &format!("/x?t={TOKEN}"), &address.to_string(), "").await;
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("only one page"), "{answer}");
}

#[tokio::test]
async fn addresses_and_tokens_that_do_not_fit_are_refused_in_sentences() {
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = LivePage::serve(any, TOKEN.into()).await.err().expect("refused");
    assert!(error.to_string().contains("loopback address only"), "{error}");

    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    for token in ["", "short", "with a space in it", "0123456789abcdef&t=x"] {
        let error = LivePage::serve(loopback, token.into()).await.err().expect("refused");
        assert!(matches!(error, LivePageError::Token), "{token}: {error}");
    }

    let (_page, address) = served().await;
    let error = LivePage::serve(address, TOKEN.into()).await.err().expect("refused");
    assert!(matches!(error, LivePageError::Occupied(_)), "{error}");
    assert!(error.to_string().contains("choose port 0"), "{error}");
}

#[tokio::test]
async fn a_browser_hears_the_state_then_the_picture_and_is_dismissed_at_the_end() {
    use futures::StreamExt as _;
    use tokio_tungstenite::tungstenite::Message;

    let (page, address) = served().await;
    page.state(&PageState {
        door: Door::Locked,
        checked_unix_ms: Some(5),
        began_unix_ms: None,
        ended_unix_ms: None,
        words: None,
        moments: vec![],
        gaps: vec![],
    });
    page.init(b"init");
    let link = format!("ws://{address}/live?t={TOKEN}");
    let (mut socket, _) = tokio_tungstenite::connect_async(link).await.expect("connected");
    page.fragment(b"delta", 1, false);
    page.fragment(b"key", 0x0102, true);
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(
            tokio::time::timeout(WITHIN, socket.next()).await.expect("in time").expect("open").expect("read"),
        );
    }
    assert!(
        matches!(&heard[0], Message::Text(text) if text.contains(r#""door":"locked","checked_unix_ms":5"#))
    );
    assert_eq!(heard[1], Message::binary(b"\0init".as_slice()));
    assert_eq!(heard[2], Message::binary(b"\x01\0\0\0\0\0\0\0\0\x01delta".as_slice()));
    assert_eq!(heard[3], Message::binary(b"\x01\x01\0\0\0\0\0\0\x01\x02key".as_slice()));
    drop(page);
    let last = tokio::time::timeout(WITHIN, socket.next()).await.expect("in time");
    assert!(!matches!(last, Some(Ok(Message::Binary(_) | Message::Text(_)))), "{last:?}");
}
