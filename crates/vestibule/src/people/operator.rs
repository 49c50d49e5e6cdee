//! The operator of a cloud: admits providers. Sees no video and no errand.

use crate::client::Cloud;
use crate::keys::Keys;
use protocol::sign_in::Role;
use serde_json::json;

/// Admits a provider, named by the thumbprint of its root key.
pub(crate) async fn admit(cloud: &str, keys: &Keys, provider: &str) -> anyhow::Result<()> {
    let cloud = Cloud::sign_in(cloud, &keys.device()?, Role::Operator).await?;
    cloud.post(&format!("/v1/operator/providers/{provider}/admit"), &json!({})).await?;
    Ok(())
}
