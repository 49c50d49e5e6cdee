use crate::push::{Browser, Service, subscribe};
use crate::support::*;
use protocol::bytes::VisitId;
use protocol::door_event::Body;
use protocol::sign_in::Role;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server behaves towards whoever it is asked to bring a mail to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// There is no such address.
    Unknown,
    /// Come back later.
    Busy,
    /// Answers nothing any more.
    Stalls,
}

/// Stands in as the operator's mail server (RFC 5321): keeps what comes, and behaves as it is told.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    /// To whom, and the text.
    came: Arc<Mutex<Vec<(String, String)>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, mood: Arc::new(Mutex::new(Mood::Well)), came: Arc::default() };
        let here = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(here.clone().serve(stream));
            }
        });
        server
    }

    async fn serve(self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mail.test\r\n").await?;
        let mut to = String::new();
        while let Some(line) = lines.next_line().await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250 mail.test",
                "MAIL" | "RSET" | "NOOP" => "250 well",
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let mood = *self.mood.lock().unwrap();
                    match mood {
                        Mood::Well => "250 well",
                        Mood::Unknown => "550 no such address",
                        Mood::Busy => "451 later",
                        Mood::Stalls => return std::future::pending().await,
                    }
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        text += &line;
                        text.push('\n');
                    }
                    self.came.lock().unwrap().push((to.clone(), text));
                    "250 taken"
                }
                _ => "221 bye",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    /// Waits until so many mails came in all; answers the last.
    async fn wait_for(&self, count: usize) -> (String, String) {
        let until = Instant::now() + WAIT;
        loop {
            let came = self.came.lock().unwrap().clone();
            if came.len() >= count {
                assert_eq!(came.len(), count, "{came:?}");
                return came[count - 1].clone();
            }
            assert!(Instant::now() < until, "{} of {count} mails came", came.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn cloud_that_writes(server: &Server) -> Cloud {
    cloud_that_tells(server, None).await
}

async fn cloud_that_tells(server: &Server, push: Option<&Service>) -> Cloud {
    let folder = tempfile::tempdir().unwrap();
    let mail = format!("server = \"smtp://{}\"\nfrom = \"Vestibule <door@cloud.test>\"", server.address);
    let config = cloud::Config {
        mail: Some(toml::from_str(&mail).unwrap()),
        origin: push.map(|_| "https://cloud.test".to_owned().try_into().unwrap()),
        push_services: push
            .map(|push| format!("http://{}", push.address).try_into().unwrap())
            .into_iter()
            .collect(),
        ..config(folder.path())
    };
    let running = cloud::start(config).await.unwrap();
    Cloud::of(running, folder)
}

fn wish(address: &str, kinds: &[&str]) -> Value {
    json!({ "address": address, "language": "de", "kinds": kinds, "quiet": null })
}

/// The digits in a mail's subject.
fn digits(text: &str) -> String {
    let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap();
    subject.chars().take_while(char::is_ascii_digit).collect()
}

/// Another number of six digits.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn an_address_counts_once_its_digits_came_back_and_a_mail_names_nobody() {
    let server = Server::start().await;
    let cloud = cloud_that_writes(&server).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let path = home.path("/mail-address");
    let confirm = home.path("/mail-address/confirm");
    assert_eq!(cloud.get(&path, &owner).await, json!({ "on": true, "address": null }));

    let asked = cloud.call("POST", &path, Some(&owner), Some(wish("door@home.test", &["opened"]))).await;
    assert_eq!(asked.0, 204, "{asked:?}");
    let (to, text) = server.wait_for(1).await;
    assert_eq!(to, "door@home.test");
    let code = digits(&text);
    assert_eq!(code.len(), 6, "{text}");
    assert_eq!(cloud.get(&path, &owner).await["address"]["confirmed"], false);
    // Nothing else is sent before; and what happened before is not told afterwards.
    hub.log(Some(VisitId([8; 16])), vec![Body::Opened]).await;
    let wrong = cloud.call("POST", &confirm, Some(&owner), Some(json!({ "code": other(&code) }))).await;
    assert_eq!((wrong.0, &wrong.1["code"]), (422, &json!("mail_code_wrong")));
    assert_eq!(cloud.call("POST", &confirm, Some(&owner), Some(json!({ "code": code }))).await.0, 204);
    let shown = cloud.get(&path, &owner).await;
    let expected = json!({
        "address": "door@home.test", "confirmed": true, "language": "de", "kinds": ["opened"], "quiet": null,
    });
    assert_eq!(shown["address"], expected);

    hub.log(Some(VisitId([9; 16])), vec![Body::Refused("outside_window".into()), Body::Opened]).await;
    let (to, text) = server.wait_for(2).await;
    assert_eq!(to, "door@home.test");
    assert!(text.contains("From: Vestibule <door@cloud.test>"), "{text}");
    // Neither home nor visit nor who lives there.
    for secret in [home.id().to_string(), VisitId([9; 16]).to_string()] {
        assert!(!text.contains(&secret), "{text}");
    }
    // An address that is known asks for no digits again; another one does.
    let again = wish("door@home.test", &["alarm"]);
    assert_eq!(cloud.call("POST", &path, Some(&owner), Some(again)).await.0, 204);
    assert_eq!(cloud.get(&path, &owner).await["address"]["confirmed"], true);
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    assert!(server.wait_for(3).await.1.contains("Subject: Alarm."));
    let moved = wish("other@home.test", &["alarm"]);
    assert_eq!(cloud.call("POST", &path, Some(&owner), Some(moved)).await.0, 204);
    assert_eq!(server.wait_for(4).await.0, "other@home.test");
    assert_eq!(cloud.call("DELETE", &path, Some(&owner), None).await.0, 204);
    assert!(cloud.get(&path, &owner).await["address"].is_null());
}

#[tokio::test]
async fn digits_are_guessed_five_times_and_asked_for_five_times_an_hour() {
    let server = Server::start().await;
    let cloud = cloud_that_writes(&server).await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let (path, confirm) = (home.path("/mail-address"), home.path("/mail-address/confirm"));
    let say = async |code: &str| {
        let (status, said) = cloud.call("POST", &confirm, Some(&owner), Some(json!({ "code": code }))).await;
        (status, said["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(say("123456").await, (409, "mail_code_over".to_owned()));
    for sent in 1..=5 {
        assert_eq!(cloud.call("POST", &path, Some(&owner), Some(wish("a@b.test", &["alarm"]))).await.0, 204);
        let code = digits(&server.wait_for(sent).await.1);
        for _ in 0..5 {
            assert_eq!(say(&other(&code)).await, (422, "mail_code_wrong".to_owned()));
        }
        assert_eq!(say(&code).await, (409, "mail_code_over".to_owned()));
    }
    let (status, said) = cloud.call("POST", &path, Some(&owner), Some(wish("a@b.test", &["alarm"]))).await;
    assert_eq!((status, &said["code"]), (429, &json!("mail_codes_too_many")));
}

#[tokio::test]
async fn a_server_that_does_not_take_it_is_told_and_nothing_is_kept() {
    let server = Server::start().await;
    let cloud = cloud_that_writes(&server).await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let path = home.path("/mail-address");
    for (mood, status, code) in [(Mood::Unknown, 422, "mail_refused"), (Mood::Busy, 502, "mail_silent")] {
        *server.mood.lock().unwrap() = mood;
        let said = cloud.call("POST", &path, Some(&owner), Some(wish("a@b.test", &["alarm"]))).await;
        assert_eq!((said.0, &said.1["code"]), (status, &json!(code)));
    }
    *server.mood.lock().unwrap() = Mood::Well;
    for bad in [
        "",
        "door",
        "a@b@c",
        "a b@c.test",
        &format!("{}@b.test", "a".repeat(254)),
        "a@b.test\r\nBcc: c@d.test",
    ] {
        let said = cloud.call("POST", &path, Some(&owner), Some(wish(bad, &["alarm"]))).await;
        assert_eq!(
            (said.0, &said.1["code"], &said.1["field"]),
            (422, &json!("mail_address"), &json!("address")),
            "{bad}"
        );
    }
    assert!(cloud.get(&path, &owner).await["address"].is_null());
    let silent = Cloud::start().await;
    let (home, _hub, owner) = crate::support::home(&silent, 11).await;
    let path = home.path("/mail-address");
    assert_eq!(silent.get(&path, &owner).await, json!({ "on": false, "address": null }));
    let said = silent.call("POST", &path, Some(&owner), Some(wish("a@b.test", &["alarm"]))).await;
    assert_eq!((said.0, &said.1["code"]), (409, &json!("mail_off")));
}

#[tokio::test]
async fn what_a_push_message_brought_is_not_written() {
    let (server, service) = (Server::start().await, Service::start().await);
    let cloud = cloud_that_tells(&server, Some(&service)).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let browser = Browser::new(&service, 5);
    let kinds = ["opened", "alarm"];
    subscribe(&cloud, &home, &owner, browser.subscription(&kinds, &Value::Null)).await;
    let path = home.path("/mail-address");
    assert_eq!(cloud.call("POST", &path, Some(&owner), Some(wish("a@b.test", &kinds))).await.0, 204);
    let code = json!({ "code": digits(&server.wait_for(1).await.1) });
    assert_eq!(
        cloud.call("POST", &home.path("/mail-address/confirm"), Some(&owner), Some(code)).await.0,
        204
    );

    hub.log(Some(VisitId([9; 16])), vec![Body::Opened]).await;
    service.wait_for(1).await;
    // The push service refuses the second: that one is written, and the first still is not.
    service.answer.lock().unwrap().push(400);
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    let (_, text) = server.wait_for(2).await;
    assert!(text.contains("Subject: Alarm.") && text.contains("https://cloud.test"), "{text}");
    // The browser is gone: from then on everything is written.
    service.answer.lock().unwrap().push(410);
    for mails in [3, 4] {
        hub.log(None, vec![Body::Alarm("left_open".into())]).await;
        server.wait_for(mails).await;
    }
    assert_eq!(service.wait_for(3).await.len(), 3);
}

#[tokio::test]
async fn a_mail_server_that_stalls_holds_up_no_push_message() {
    let (server, service) = (Server::start().await, Service::start().await);
    let cloud = cloud_that_tells(&server, Some(&service)).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let path = home.path("/mail-address");
    assert_eq!(cloud.call("POST", &path, Some(&owner), Some(wish("a@b.test", &["alarm"]))).await.0, 204);
    let code = json!({ "code": digits(&server.wait_for(1).await.1) });
    assert_eq!(
        cloud.call("POST", &home.path("/mail-address/confirm"), Some(&owner), Some(code)).await.0,
        204
    );
    let member = cloud.sign_in(&home.member, Role::Resident).await;
    let browser = Browser::new(&service, 5);
    subscribe(&cloud, &home, &member, browser.subscription(&["alarm"], &Value::Null)).await;
    *server.mood.lock().unwrap() = Mood::Stalls;
    let began = Instant::now();
    for count in 1..=2 {
        hub.log(None, vec![Body::Alarm("left_open".into())]).await;
        service.wait_for(count).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
