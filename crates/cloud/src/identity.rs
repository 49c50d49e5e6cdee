//! Who somebody is: a key proved over a nonce of this cloud, then a token for an hour. No passwords, no shared secrets.

use crate::app::App;
use crate::clock::{now_ms, now_s, random};
use crate::limits;
use crate::problem::ApiError;
use crate::store::SessionRow;
use crate::trust::Ring;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::Nonce;
use protocol::sign_in::{Role, SignIn};
use protocol::{Claimed, Credential, Hash};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Nonces that were given out and not used yet. In memory: a restart only asks people to try again.
#[derive(Debug, Default)]
pub(crate) struct Nonces(Mutex<HashMap<Nonce, i64>>);

impl Nonces {
    /// A fresh nonce; none while too many are open.
    pub(crate) fn issue(&self) -> Option<Nonce> {
        let now = now_ms();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= limits::NONCES_OPEN_MAX {
            open.retain(|_, until| *until > now);
            if open.len() >= limits::NONCES_OPEN_MAX {
                return None;
            }
        }
        let nonce = Nonce(random());
        open.insert(nonce, now + limits::NONCE_LIFE_MS);
        Some(nonce)
    }

    /// Uses a nonce up; false if it is not open.
    pub(crate) fn consume(&self, nonce: Nonce) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&nonce).is_some_and(|until| until > now_ms())
    }
}

/// Checks a sign-in sent over HTTP: signature, audience, nonce. Uses the nonce up only if all else holds.
pub(crate) fn check_sign_in(
    app: &App,
    field: &str,
    bytes: &[u8],
    credential: &Credential,
) -> Result<Role, ApiError> {
    let claimed = Claimed::<SignIn>::parse(bytes).map_err(|e| ApiError::malformed(field, e))?;
    let signed = claimed.verify(credential, &Ring).map_err(|e| ApiError::untrusted(field, e))?;
    let message = signed.message();
    if message.audience != app.audience {
        return Err(ApiError::field(
            "sign_in_other_audience",
            format!("{field}.audience"),
            format!("the sign-in is for another cloud; this one is called {:?}", app.audience),
        ));
    }
    if !app.nonces.consume(message.nonce) {
        return Err(ApiError::field(
            "nonce_unknown",
            format!("{field}.nonce"),
            "the nonce was used already, is older than a minute, or is not from this cloud; \
             ask POST /v1/sign-in/nonce for a new one",
        ));
    }
    Ok(message.role)
}

/// Finds whom a proven key belongs to in a role.
pub(crate) async fn identify(app: &App, role: Role, credential: &Credential) -> Result<SessionRow, ApiError> {
    let kid = credential.kid();
    let session = |role: &str, provider| SessionRow { role: role.into(), kid, provider };
    match role {
        Role::Resident => {
            let places = app.store.memberships(kid).await?;
            // Of a recovery key the endpoints take a roster and nothing else: see `extract::Householder`.
            let is_resident = |rank: &str| matches!(rank, "owner" | "member" | "companion" | "recovery");
            if places.iter().any(|p| is_resident(&p.rank) && p.credential == *credential) {
                return Ok(session("resident", None));
            }
            Err(unknown_key("no home's roster names this key"))
        }
        Role::Visitor => {
            let is_handset =
                app.store.handsets(kid).await?.iter().any(|handset| handset.credential == *credential);
            let is_guest = || async { is_guest(app, credential).await };
            if is_handset || is_guest().await? {
                return Ok(session("visitor", None));
            }
            Err(unknown_key(
                "no provider enrolled this handset, and no grant that still runs names it as a guest",
            ))
        }
        Role::Provider => {
            if let Some(root) = provider_root(app, credential).await? {
                return Ok(session("provider", Some(root)));
            }
            Err(unknown_key("this is neither a provider's root key nor a working key that counts now"))
        }
        Role::Operator => {
            if app.operators.contains(&kid) && credential.passkey.is_none() {
                return Ok(session("operator", None));
            }
            Err(unknown_key("the cloud's configuration does not name this key under `operators`"))
        }
        Role::Door => Err(elsewhere("a door signs in on the WebSocket /v1/uplink")),
        Role::Recorder => Err(elsewhere("a recorder signs in on the WebSocket /v1/media/uplink")),
    }
}

fn unknown_key(detail: &str) -> ApiError {
    ApiError::forbidden("key_unknown", detail)
}

fn elsewhere(detail: &str) -> ApiError {
    ApiError::field("sign_in_other_role", "sign_in.role", detail)
}

/// True if a grant that still runs names this very credential as its holder.
pub(crate) async fn is_guest(app: &App, credential: &Credential) -> Result<bool, ApiError> {
    use protocol::grant::Grantee;
    let grants = app.store.grants_to_holder(credential.kid(), now_s()).await?;
    Ok(grants.iter().any(|g| matches!(&g.grant.to, Grantee::Holder { cnf, .. } if cnf == credential)))
}

/// The root that a provider's key stands for.
async fn provider_root(app: &App, credential: &Credential) -> Result<Option<protocol::Kid>, ApiError> {
    let kid = credential.kid();
    if let Some(provider) = app.store.provider(kid).await? {
        return Ok((provider.credential == *credential).then_some(kid));
    }
    if credential.passkey.is_some() {
        return Ok(None);
    }
    let delegations = app.store.delegations_to(kid, now_s()).await?;
    Ok(delegations.first().map(|(delegation, _, _)| delegation.root.kid()))
}

/// Makes a token for a session and keeps its hash.
pub(crate) async fn open_session(app: &App, session: SessionRow) -> Result<String, ApiError> {
    let token: [u8; 32] = random();
    let until_ms = now_ms() + limits::TOKEN_LIFE_S * 1_000;
    app.store.put_session(token_hash(&token), session, until_ms).await?;
    Ok(URL_SAFE_NO_PAD.encode(token))
}

/// The session of a token as the caller wrote it.
pub(crate) async fn session_of(app: &App, token: &str) -> Result<SessionRow, ApiError> {
    let refused = || {
        ApiError::unauthenticated(
            "token_unknown",
            "the token is not known or has run out; sign in again with POST /v1/sign-in",
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(token.as_bytes()).map_err(|_| refused())?;
    app.store.session(token_hash(&bytes)).await?.ok_or_else(refused)
}

fn token_hash(token: &[u8]) -> Hash {
    Hash::of("token", &[token])
}
