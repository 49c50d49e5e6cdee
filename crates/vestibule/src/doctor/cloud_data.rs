//! A cloud's folder: its two databases, looked at without writing, and the room under them.

use super::{Finding, disk};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;

/// Each database, and tables that it cannot be without.
const DATABASES: &[(&str, &[&str])] =
    &[("cloud.sqlite", &["homes", "grants", "visits", "recordings"]), ("door_log.sqlite", &["door_events"])];

pub(super) async fn check(data: &Path) -> Vec<Finding> {
    if let Err(why) = std::fs::read_dir(data) {
        let says = format!("The folder {} cannot be read: {why}", data.display());
        let mend = "Name the cloud's folder with --data, or run this as the user who runs the cloud";
        return vec![Finding::mend("cloud_data_unreadable", says, mend)];
    }
    let mut findings = Vec::new();
    for (name, tables) in DATABASES {
        findings.push(database(&data.join(name), name, tables).await);
    }
    findings.extend(disk::free(data));
    findings
}

async fn database(path: &Path, name: &str, tables: &[&str]) -> Finding {
    if !path.exists() {
        let mend = "Start the cloud once, which makes it; if it was there before, restore it";
        return Finding::mend("database_missing", format!("{name} is missing"), mend);
    }
    match missing_tables(path, tables).await {
        Ok(missing) if missing.is_empty() => {
            Finding::fine("database_fine", format!("{name} can be read and has its tables"))
        }
        Ok(missing) => Finding::mend(
            "database_incomplete",
            format!("{name} lacks its tables {}", missing.join(", ")),
            "See that this is the cloud's folder; if it is, restore the database",
        ),
        Err(why) => Finding::mend(
            "database_unreadable",
            format!("{name} cannot be read: {why}"),
            "Run this as the user who runs the cloud; if it is, restore the database",
        ),
    }
}

async fn missing_tables(path: &Path, tables: &[&str]) -> Result<Vec<String>, sqlx::Error> {
    // Where no cloud runs there is no write-ahead log, and looking must not make one.
    let wal = path.with_extension("sqlite-wal").exists();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!wal)
        .disable_statement_logging();
    let mut connection: SqliteConnection = options.connect().await?;
    let there: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(tables
        .iter()
        .filter(|table| !there.iter().any(|name| name == *table))
        .map(|table| (*table).into())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn codes(data: &Path) -> Vec<&'static str> {
        check(data)
            .await
            .iter()
            .map(|finding| finding.code)
            .filter(|code| !code.starts_with("disk"))
            .collect()
    }

    #[tokio::test]
    async fn databases_are_read_and_nothing_is_written() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(codes(dir.path()).await, ["database_missing"; 2]);
        assert_eq!(codes(&dir.path().join("nowhere")).await, ["cloud_data_unreadable"]);
        let config = ::cloud::Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: dir.path().into(),
            audience: "test".into(),
            operators: vec![],
            origin: None,
            push_services: ::cloud::PushService::of_browsers(),
            mail: None,
            app: None,
        };
        let running = ::cloud::start(config).await.unwrap();
        assert_eq!(codes(dir.path()).await, ["database_fine"; 2], "beside a cloud that runs");
        running.shutdown().await;
        let files = || std::fs::read_dir(dir.path()).unwrap().count();
        let before = files();
        assert_eq!(codes(dir.path()).await, ["database_fine"; 2]);
        assert_eq!(files(), before);
    }

    #[tokio::test]
    async fn something_else_is_no_database() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cloud.sqlite"), "").unwrap();
        std::fs::write(
            dir.path().join("door_log.sqlite"),
            "not a database, but long enough to look at".repeat(90),
        )
        .unwrap();
        assert_eq!(codes(dir.path()).await, ["database_incomplete", "database_unreadable"]);
    }
}
