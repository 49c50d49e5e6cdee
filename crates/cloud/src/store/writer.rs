//! The one writer of a database file: takes jobs in order, runs many in one transaction, answers after the commit.
//!
//! Each job runs in a savepoint, so that one that fails takes back its own changes and nobody else's.

use super::StoreError;
use crate::limits;
use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, query};
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
        let result = write_group(&mut connection, first, &mut queue, &mut answers).await;
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
