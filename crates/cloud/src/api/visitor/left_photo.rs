//! The photo that a report names: ciphertext, sealed by the handset to keys of the household.

use crate::app::Shared;
use crate::extract::{Octets, Path, Visitor};
use crate::json::HashHex;
use crate::problem::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::left::photo_hash;
use protocol::limits::PHOTO_BYTES_MAX;
use recording::Photo;

/// Send the sealed photo that a report of this handset names. The same again is the same one. It is deleted with the hours
/// for which its home keeps recordings.
#[utoipa::path(put, path = "/v1/visitor/left/{left}/photo", tag = "visitor", params(("left" = HashHex, Path)),
    request_body(description = "The sealed photo, 512 KiB at most.", content_type = "application/octet-stream"),
    responses((status = 204, description = "It lies there."), ApiError))]
pub(crate) async fn put(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(left): Path<HashHex>,
    Octets(sealed): Octets<PHOTO_BYTES_MAX>,
) -> Result<StatusCode, ApiError> {
    let unknown =
        || ApiError::not_found("left_unknown", "this handset has sent no such report; send it first");
    let (home, row) = app.store.left_of(left.0).await?.ok_or_else(unknown)?;
    let order = app.store.assignment(home, row.left.assignment).await?.ok_or_else(unknown)?;
    let handsets = app.store.handsets(visitor.kid).await?;
    let is_enrolled = handsets.iter().any(|handset| handset.provider == order.assignment.provider);
    if order.assignment.cnf.kid() != visitor.kid || !is_enrolled {
        return Err(unknown());
    }
    if row.left.photo != Some(photo_hash(&sealed)) {
        return Err(ApiError::field(
            "photo_other",
            "body",
            "the report names no photo, or another one; send the bytes whose hash was signed",
        ));
    }
    // Whoever signed the hash of a picture as it came from the camera is stopped here.
    let photo =
        Photo::parse(&sealed).map_err(|why| ApiError::field("photo_malformed", "body", why.to_string()))?;
    if photo.door != row.left.door || photo.assignment != row.left.assignment {
        return Err(ApiError::field(
            "photo_other",
            "body",
            "the photo was sealed for another stop; seal it for this one",
        ));
    }
    if row.photo.is_some_and(|photo| photo.deleted.is_some()) {
        return Err(deleted());
    }
    if row.photo.is_some_and(|photo| photo.is_stored) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let named = (home, row.hash);
    app.store.expect_left_photo(named, app.clock.now_ms()).await?;
    app.media.put_photo(home, row.hash, sealed).await?;
    if app.store.left_photo_stored(named).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    // Its time ended while it was written.
    app.media.delete_photo(home, row.hash).await?;
    Err(deleted())
}

/// A photo that was deleted here.
pub(crate) fn deleted() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        "photo_deleted",
        "this photo was deleted, as recordings are; the list of reports says when",
    )
}
