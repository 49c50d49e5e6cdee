//! Recordings: ciphertext as the recorder writes it, passed on live and kept.
//!
//! Owns: the spool of open parts, the object store of closed ones and of photos, live watchers, and looks, which are passed on
//! only.
//! Does not own: what is in a chunk. The cloud has no key; it sees sizes and times.

mod live;
mod looks;
mod photos;
mod spool;
pub(crate) mod uplink;

pub(crate) use live::Live;
pub(crate) use looks::Looks;
pub(crate) use spool::Entry;

use crate::limits;
use crate::store::{StoreError, Tenant};
use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use protocol::bytes::{HomeId, RecordingId};
use spool::Spool;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::AsyncReadExt as _;

/// One part of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PartKey {
    pub(crate) home: HomeId,
    pub(crate) recording: RecordingId,
    pub(crate) part: u32,
}

/// Where recordings are.
#[derive(Debug)]
pub(crate) struct Media {
    tenant: Tenant,
    spool: PathBuf,
    objects: Arc<dyn ObjectStore>,
    open: Mutex<HashMap<PartKey, Arc<tokio::sync::Mutex<Spool>>>>,
    pub(crate) live: Live,
    pub(crate) looks: Looks,
}

impl Media {
    /// Uses `spool` and `objects` below `data`; both must exist.
    pub(crate) fn open(data: &Path, tenant: Tenant) -> Result<Self, StoreError> {
        let spool = data.join("spool");
        let objects = data.join("objects");
        std::fs::create_dir_all(&spool)?;
        std::fs::create_dir_all(&objects)?;
        Ok(Self {
            tenant,
            spool,
            objects: Arc::new(LocalFileSystem::new_with_prefix(objects)?.with_fsync(true)),
            open: Mutex::new(HashMap::new()),
            live: Live::default(),
            looks: Looks::default(),
        })
    }

    fn folder(&self, home: HomeId, recording: RecordingId) -> PathBuf {
        self.spool.join(hex(&self.tenant.0)).join(home.to_string()).join(recording.to_string())
    }

    fn object(&self, key: PartKey, kind: &str) -> ObjectPath {
        let PartKey { home, recording, part } = key;
        ObjectPath::from(format!("{}/{home}/{recording}/{part:04}.{kind}", hex(&self.tenant.0)))
    }

    /// The spool of an open part, opened or created.
    pub(crate) async fn spool(&self, key: PartKey) -> Result<Arc<tokio::sync::Mutex<Spool>>, StoreError> {
        if let Some(spool) = self.opened().get(&key) {
            return Ok(Arc::clone(spool));
        }
        let spool = Spool::open(&self.folder(key.home, key.recording), key.part).await?;
        let spool = Arc::new(tokio::sync::Mutex::new(spool));
        Ok(Arc::clone(self.opened().entry(key).or_insert(spool)))
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<PartKey, Arc<tokio::sync::Mutex<Spool>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies a part into the object store: one object with all chunks, one with the index.
    pub(crate) async fn archive(&self, key: PartKey) -> Result<(), StoreError> {
        let spool = self.spool(key).await?;
        let spool = spool.lock().await;
        let mut file = tokio::fs::File::open(spool.data_path()).await?;
        let upload = self.objects.put_multipart(&self.object(key, "chunks")).await?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, limits::OBJECT_STEP_BYTES);
        let mut left = spool.bytes();
        while left > 0 {
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(limits::OBJECT_STEP_BYTES);
            let mut buffer = vec![0; step];
            file.read_exact(&mut buffer).await?;
            writer.wait_for_capacity(2).await?;
            writer.put(Bytes::from(buffer));
            left -= step as u64;
        }
        writer.finish().await?;
        let index = PutPayload::from(spool::encode_index(spool.entries()));
        self.objects.put(&self.object(key, "index"), index).await?;
        Ok(())
    }

    /// Drops the spool of a recording whose parts are all archived.
    pub(crate) async fn drop_spool(&self, home: HomeId, recording: RecordingId) -> Result<(), StoreError> {
        self.opened().retain(|key, _| key.home != home || key.recording != recording);
        match tokio::fs::remove_dir_all(self.folder(home, recording)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Where each stored chunk lies in its part.
    pub(crate) async fn index(&self, key: PartKey, is_closed: bool) -> Result<Vec<Entry>, StoreError> {
        if is_closed {
            let bytes = self.objects.get(&self.object(key, "index")).await?.bytes().await?;
            Ok(spool::decode_index(&bytes))
        } else {
            Ok(self.spool(key).await?.lock().await.entries().to_vec())
        }
    }

    /// Stored bytes of a part from `from` until before `until`.
    pub(crate) async fn range(
        &self,
        key: PartKey,
        is_closed: bool,
        from: u64,
        until: u64,
    ) -> Result<Bytes, StoreError> {
        if is_closed {
            return Ok(self.objects.get_range(&self.object(key, "chunks"), from..until).await?);
        }
        let path = self.spool(key).await?.lock().await.data_path().to_owned();
        spool::read_range(&path, from, until).await
    }

    /// Deletes everything of a recording, whatever of it is there.
    pub(crate) async fn delete(&self, home: HomeId, recording: RecordingId) -> Result<(), StoreError> {
        self.live.forget(home, recording);
        self.drop_spool(home, recording).await?;
        let folder = ObjectPath::from(format!("{}/{home}/{recording}", hex(&self.tenant.0)));
        let found: Vec<_> = self.objects.list(Some(&folder)).try_collect().await?;
        for object in found {
            match self.objects.delete(&object.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn hex(bytes: &[u8; 16]) -> String {
    protocol::bytes::Nonce(*bytes).to_string()
}
