//! The steps by which the two databases came to be as they are. Portable SQL, run in order when a file is opened.
//!
//! A step that has been in a release is never edited: its checksum is kept in every database, and a file that took
//! another one is refused. Listed here rather than found by `sqlx::migrate!`, whose macro makes a second SQLite for
//! the machine that compiles.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// One step: its number, its name, its statements.
type Step = (i64, &'static str, &'static str);

const MAIN: &[Step] = &[
    (1, "start", include_str!("../../migrations/sqlite/main/0001_start.sql")),
    (2, "letters", include_str!("../../migrations/sqlite/main/0002_letters.sql")),
    (3, "push subscriptions", include_str!("../../migrations/sqlite/main/0003_push_subscriptions.sql")),
    (4, "rings", include_str!("../../migrations/sqlite/main/0004_rings.sql")),
    (5, "plan b", include_str!("../../migrations/sqlite/main/0005_plan_b.sql")),
    (6, "mail addresses", include_str!("../../migrations/sqlite/main/0006_mail_addresses.sql")),
    (7, "retention", include_str!("../../migrations/sqlite/main/0007_retention.sql")),
    (8, "papers and shares", include_str!("../../migrations/sqlite/main/0008_papers_and_shares.sql")),
    (9, "left photos", include_str!("../../migrations/sqlite/main/0009_left_photos.sql")),
    (10, "hand over", include_str!("../../migrations/sqlite/main/0010_hand_over.sql")),
];
const DOOR_LOG: &[Step] = &[(1, "start", include_str!("../../migrations/sqlite/door_log/0001_start.sql"))];

/// Everything but the events of doors.
pub(super) fn main() -> Migrator {
    migrator(MAIN)
}

/// The events of doors, which grow without end and are in a file of their own.
pub(super) fn door_log() -> Migrator {
    migrator(DOOR_LOG)
}

fn migrator(steps: &[Step]) -> Migrator {
    let migration = |&(number, name, sql): &Step| {
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(steps.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_step() {
        for (folder, steps) in [("main", MAIN), ("door_log", DOOR_LOG)] {
            let path = format!("{}/migrations/sqlite/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<_> = std::fs::read_dir(path)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let listed: Vec<_> = steps
                .iter()
                .map(|(number, name, _)| format!("{number:04}_{}.sql", name.replace(' ', "_")))
                .collect();
            assert_eq!(files, listed);
        }
    }
}
