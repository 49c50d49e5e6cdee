//! Sealed photos of where parcels were left: ciphertext, one object each, beside the recordings of its home.

use super::{Media, hex};
use crate::store::StoreError;
use bytes::Bytes;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt as _, PutPayload};
use protocol::bytes::{Hash, HomeId};

impl Media {
    /// Named by the report that names its contents: what is written twice is the same.
    fn photo(&self, home: HomeId, left: Hash) -> ObjectPath {
        ObjectPath::from(format!("{}/{home}/photos/{left}.sealed", hex(&self.tenant.0)))
    }

    pub(crate) async fn put_photo(&self, home: HomeId, left: Hash, sealed: Bytes) -> Result<(), StoreError> {
        self.objects.put(&self.photo(home, left), PutPayload::from(sealed)).await?;
        Ok(())
    }

    pub(crate) async fn read_photo(&self, home: HomeId, left: Hash) -> Result<Bytes, StoreError> {
        Ok(self.objects.get(&self.photo(home, left)).await?.bytes().await?)
    }

    pub(crate) async fn delete_photo(&self, home: HomeId, left: Hash) -> Result<(), StoreError> {
        match self.objects.delete(&self.photo(home, left)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
