//! The doctor: looks at a home or a cloud as it really is, and says what it found.
//!
//! Owns: the checks, one file per concern, each a small function from what it looks at to [`Finding`]s. Does not own:
//! what is right (the crates that read those files and speak to those devices say so; the checks call them), and
//! mending anything. Nothing here writes to a home, and nothing moves a bolt except `--really-unlock`.
//!
//! What cannot be seen is said to be not seen; it never counts as fine.

pub(crate) mod app;
mod broker;
mod camera;
mod clock;
mod cloud;
mod cloud_data;
mod disk;
mod finding;
mod folder;
mod hub_process;
mod journal;
mod limits;
mod lock;
mod lock_broker;
mod maker;
pub(crate) mod page;
mod settings;

pub(crate) use finding::{Finding, Part, Severity};

use hub::config::Config;
use hub::folder::Folder;
use std::path::PathBuf;

/// What to look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    /// A home's folder.
    pub(crate) home: Option<PathBuf>,
    /// A cloud's address; else the one in the home's settings.
    pub(crate) cloud: Option<String>,
    /// A cloud's settings file.
    pub(crate) cloud_config: Option<PathBuf>,
    /// A cloud's data folder.
    pub(crate) cloud_data: Option<PathBuf>,
    /// Try whether a stranger's unlock really opens the door.
    pub(crate) really_unlock: bool,
}

/// Looks at everything; each part is shown as soon as it and those before it are known.
pub(crate) async fn examine(subject: Subject, mut show: impl FnMut(Part)) {
    let mut cloud_address = subject.cloud;
    let mut cloud_data = subject.cloud_data;
    let mut alone = false;
    let cloud_settings = subject.cloud_config.map(|path| cloud::settings(&path));
    let mut devices = None;
    if let Some(home) = subject.home {
        let folder = Folder::at(&home);
        let (config, settings) = settings::check(&folder);
        if let Some(config) = &config {
            alone = config.cloud.is_none();
            cloud_address = cloud_address.or_else(|| config.cloud.clone());
            // Devices take seconds to answer: they are asked while the folder is read.
            devices = Some((
                tokio::spawn(lock::check(config.clone(), subject.really_unlock)),
                tokio::spawn(camera::check(config.camera.clone())),
            ));
        }
        let (folder_part, floor) = folder_and_journal(&folder, config.as_ref()).await;
        show(folder_part);
        show(Part { name: "settings", subject: "home.toml".into(), findings: settings });
        if let Some(config) = &config {
            show(Part { name: "clock", subject: String::new(), findings: clock::check(config, floor) });
        }
    }
    if let Some((lock, camera)) = devices {
        show(Part { name: "lock", subject: String::new(), findings: ended(lock.await) });
        show(Part { name: "camera", subject: String::new(), findings: ended(camera.await) });
    }
    let mut findings = Vec::new();
    if let Some((settings, found)) = cloud_settings {
        findings.extend(found);
        if let Some(settings) = settings {
            cloud_address = cloud_address.or_else(|| Some(cloud::own_address(settings.listen)));
            cloud_data = cloud_data.or(Some(settings.data));
        }
    }
    match &cloud_address {
        Some(address) => {
            findings.extend(cloud::check(address).await);
            findings.extend(app::check(address).await);
        }
        None if alone => findings.push(cloud::none()),
        None => {}
    }
    if !findings.is_empty() {
        show(Part { name: "cloud", subject: cloud_address.unwrap_or_default(), findings });
    }
    if let Some(data) = cloud_data {
        let findings = cloud_data::check(&data).await;
        show(Part { name: "cloud data", subject: data.display().to_string(), findings });
    }
}

/// The folder's findings, and the earliest time that the journal remembers.
async fn folder_and_journal(folder: &Folder, config: Option<&Config>) -> (Part, protocol::time::Timestamp) {
    let mut findings = folder::check(folder);
    let (journal, floor) = journal::check(folder);
    findings.extend(journal);
    findings.extend(hub_process::check(folder, config.is_some_and(|config| config.cloud.is_some())).await);
    findings.extend(disk::spool(&folder.path("spool")));
    findings.extend(disk::free(folder.as_ref()));
    (Part { name: "folder", subject: folder.as_ref().display().to_string(), findings }, floor)
}

/// A check that panicked is a fault of the doctor, not of the home; it must not look fine.
fn ended(result: Result<Vec<Finding>, tokio::task::JoinError>) -> Vec<Finding> {
    result.unwrap_or_else(|why| {
        vec![Finding::mend("check_failed", format!("This check itself failed: {why}."), "Report it.")]
    })
}
