//! The one writer of a database file: takes jobs in order, runs many in one transaction, answers after the commit.
//!
//! Each job runs in a savepoint, so that one that fails takes back its own changes and nobody else's.

use super::StoreError;
use crate::limits;
use futures::future::BoxFuture;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Connection as _, Sqlite, query};
use std::sync::Mutex;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Tells the caller how its job ended, once the commit is known.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// What a job leaves behind: whether its savepoint may stay, and how to answer.
type Done = (bool, Answer);
type Job = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Done> + Send>;

/// Handle to the writing task.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn start(connection: SqliteConnection) -> Self {
        let (jobs, queue) = mpsc::channel(limits::WRITE_QUEUE_MAX);
        let task = tokio::spawn(write_all(connection, queue));
        Self { jobs: Mutex::new(Some(jobs)), task: Mutex::new(Some(task)) }
    }

    /// Runs `job` in a transaction and answers after the commit; after an error nothing of it is stored.
    pub(crate) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            Box::pin(async move {
                let result = job(connection).await;
                let keep = result.is_ok();
                let answer: Answer = Box::new(move |committed| {
                    // The caller may have gone away; the row is stored all the same.
                    let _gone = tell.send(result.and_then(|value| committed.map(|()| value)));
                });
                (keep, answer)
            })
        });
        let jobs = self.jobs.lock().ok().and_then(|jobs| jobs.clone()).ok_or(StoreError::Busy)?;
        jobs.try_send(job).map_err(|_| StoreError::Busy)?;
        told.await.map_err(|_| StoreError::Database("the writer has stopped".into()))?
    }

    /// Runs one statement as [`Writer::run`] does; answers how many rows it changed.
    pub(crate) async fn execute(
        &self,
        statement: Query<'static, Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        self.run(|c| Box::pin(async move { Ok(statement.execute(c).await?.rows_affected()) })).await
    }

    /// Finishes what waits, then stops.
    pub(crate) async fn close(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        let task = self.task.lock().ok().and_then(|mut task| task.take());
        if let Some(task) = task {
            let _ended = task.await;
        }
    }
}

async fn write_all(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.recv().await {
        let mut answers = Vec::new();
        let began = Instant::now();
        let result = write_group(&mut connection, first, &mut queue, &mut answers).await;
        let took_ms = began.elapsed().as_millis();
        if took_ms > limits::WRITE_TRANSACTION_MS_MAX {
            tracing::warn!(took_ms, jobs = answers.len(), "slow write transaction");
        }
        if result.is_err() {
            let _nothing_open = query("ROLLBACK").execute(&mut connection).await;
        }
        for answer in answers {
            answer(result.clone());
        }
    }
    let _closed = connection.close().await;
}

/// One transaction: the first job, and all that wait by then, within [`limits::WRITE_GROUP_MS`].
async fn write_group(
    connection: &mut SqliteConnection,
    first: Job,
    queue: &mut mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    let began = Instant::now();
    query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let mut next = Some(first);
    while let Some(job) = next {
        query("SAVEPOINT job").execute(&mut *connection).await?;
        let (keep, answer) = job(connection).await;
        answers.push(answer);
        if !keep {
            query("ROLLBACK TO job").execute(&mut *connection).await?;
        }
        query("RELEASE job").execute(&mut *connection).await?;
        let room =
            answers.len() < limits::WRITE_GROUP_MAX && began.elapsed().as_millis() < limits::WRITE_GROUP_MS;
        next = if room { queue.try_recv().ok() } else { None };
    }
    query("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::ConnectOptions as _;
    use sqlx::query_as;
    use sqlx::sqlite::SqliteConnectOptions;

    async fn writer() -> Writer {
        let mut c = SqliteConnectOptions::new().filename(":memory:").connect().await.unwrap();
        query("CREATE TABLE t (n BIGINT PRIMARY KEY, b BLOB)").execute(&mut c).await.unwrap();
        query("PRAGMA max_page_count = 64").execute(&mut c).await.unwrap();
        Writer::start(c)
    }

    async fn insert(writer: &Writer, n: i64, bytes: usize) -> Result<(), StoreError> {
        writer
            .run(move |c| {
                Box::pin(async move {
                    let sql = "INSERT INTO t (n, b) VALUES ($1, $2)";
                    query(sql).bind(n).bind(vec![0_u8; bytes]).execute(c).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn rows(writer: &Writer) -> Vec<i64> {
        writer
            .run(|c| {
                Box::pin(async move {
                    let rows: Vec<(i64,)> = query_as("SELECT n FROM t ORDER BY n").fetch_all(c).await?;
                    Ok(rows.into_iter().map(|(n,)| n).collect())
                })
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_job_that_fails_takes_nobody_with_it() {
        let writer = writer().await;
        let (one, again, two) =
            futures::join!(insert(&writer, 1, 0), insert(&writer, 1, 0), insert(&writer, 2, 0));
        assert!(one.is_ok() && two.is_ok());
        assert!(matches!(again, Err(StoreError::Database(_))), "{again:?}");
        assert_eq!(rows(&writer).await, [1, 2]);
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_the_writer_lives_on() {
        let writer = writer().await;
        let full = insert(&writer, 1, 1_000_000).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        assert!(insert(&writer, 2, 10).await.is_ok());
        assert_eq!(rows(&writer).await, [2]);
    }

    #[tokio::test]
    async fn what_waits_is_written_before_the_end() {
        let writer = writer().await;
        let (done, ()) = futures::join!(insert(&writer, 1, 0), writer.close());
        assert!(done.is_ok());
        assert!(matches!(insert(&writer, 2, 0).await, Err(StoreError::Busy)));
    }
}
