//! The mail address of a resident's device, for when no push message reaches it.

use super::wishes::{QuietHours, wishes};
use crate::app::{App, Shared};
use crate::clock::{now_ms, random};
use crate::extract::{Json, Resident};
use crate::json::HomeIdHex;
use crate::limits;
use crate::mail::{Language, Mail, Unsent};
use crate::problem::ApiError;
use crate::rate::Verdict;
use crate::store::{CodeVerdict, MailAddressRow};
use axum::extract::State;
use axum::http::StatusCode;
use lettre::Address;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where to write, and what of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMailAddressJson {
    /// Such as `door@home.example`, 254 bytes at most.
    address: String,
    /// The language of the mails.
    language: Language,
    /// Kinds of notices to tell; at least one.
    kinds: Vec<String>,
    /// None, if there are no quiet hours.
    quiet: Option<QuietHours>,
}

/// Where this device is written to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailAddressJson {
    address: String,
    /// The digits that were sent there came back. Until then nothing else is sent.
    confirmed: bool,
    language: Language,
    kinds: Vec<String>,
    quiet: Option<QuietHours>,
}

/// Whether this cloud sends mail, and where to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailJson {
    /// The operator set a mail server.
    on: bool,
    /// This device's own; no device sees another's.
    address: Option<MailAddressJson>,
}

/// The digits of a mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailCodeJson {
    /// Six digits.
    code: String,
}

/// Whether this cloud sends mail, and this device's own address.
#[utoipa::path(get, path = "/v1/homes/{home}/mail-address", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 200, body = MailJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<MailJson>, ApiError> {
    let address = own(&app, &resident).await?.map(|row| MailAddressJson {
        address: row.address,
        confirmed: row.is_confirmed,
        language: row.language,
        quiet: QuietHours::of(&row.wishes),
        kinds: row.wishes.kinds,
    });
    Ok(axum::Json(MailJson { on: app.mail.is_some(), address }))
}

/// Name this device's address, or change what is written. An address that is new is sent six digits, and counts once
/// they came back.
#[utoipa::path(post, path = "/v1/homes/{home}/mail-address", tag = "resident",
    params(("home" = HomeIdHex, Path)), request_body = NewMailAddressJson,
    responses((status = 204, description = "Kept; digits are on their way, if the address is new."), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewMailAddressJson>,
) -> Result<StatusCode, ApiError> {
    let mail = mail(&app)?;
    let address = parsed(&body.address)?;
    let row = MailAddressRow {
        home: resident.home,
        kid: resident.kid,
        address: address.to_string(),
        language: body.language,
        wishes: wishes(body.kinds, body.quiet)?,
        is_confirmed: false,
        told: 0,
    };
    let is_known =
        own(&app, &resident).await?.is_some_and(|own| own.is_confirmed && own.address == row.address);
    let code = if is_known { None } else { Some(ask(&app, mail, &resident, &address, body.language).await?) };
    app.store.put_mail_address(row, code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring back the digits that the address was sent.
#[utoipa::path(post, path = "/v1/homes/{home}/mail-address/confirm", tag = "resident",
    params(("home" = HomeIdHex, Path)), request_body = MailCodeJson,
    responses((status = 204, description = "The address counts."), ApiError))]
pub(crate) async fn confirm(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<MailCodeJson>,
) -> Result<StatusCode, ApiError> {
    match app.store.confirm_mail_address(resident.home, resident.kid, body.code).await? {
        CodeVerdict::Right => Ok(StatusCode::NO_CONTENT),
        CodeVerdict::Wrong => Err(ApiError::field(
            "mail_code_wrong",
            "code",
            "these are not the six digits of the last mail; read them once more",
        )),
        CodeVerdict::Over => Err(ApiError::conflict(
            "mail_code_over",
            "no digits are waited for: they are too old or were tried too often; name the address once more",
        )),
    }
}

/// Write to this device's address no more, and forget it.
#[utoipa::path(delete, path = "/v1/homes/{home}/mail-address", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 204, description = "Forgotten."), ApiError))]
pub(crate) async fn delete(State(app): State<Shared>, resident: Resident) -> Result<StatusCode, ApiError> {
    app.store.delete_mail_address(resident.home, resident.kid).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn own(app: &App, resident: &Resident) -> Result<Option<MailAddressRow>, ApiError> {
    let rows = app.store.mail_addresses(resident.home).await?;
    Ok(rows.into_iter().find(|row| row.kid == resident.kid))
}

fn mail(app: &App) -> Result<&Mail, ApiError> {
    app.mail.as_ref().ok_or_else(|| {
        ApiError::conflict(
            "mail_off",
            "this cloud sends no mail: its operator has not set `mail` to a mail server",
        )
    })
}

fn parsed(address: &str) -> Result<Address, ApiError> {
    let address = address.trim();
    let is_short = address.len() <= limits::MAIL_ADDRESS_BYTES_MAX;
    address.parse().ok().filter(|_| is_short).ok_or_else(|| {
        ApiError::field("mail_address", "address", "the address is none; write it like door@home.example")
    })
}

/// Sends digits to an address; answers them.
async fn ask(
    app: &App,
    mail: &Mail,
    resident: &Resident,
    address: &Address,
    language: Language,
) -> Result<String, ApiError> {
    if app.rates.mail_codes.count(resident.kid, now_ms()) != Verdict::Within {
        return Err(ApiError::too_many(
            "mail_codes_too_many",
            "this device had too many mails with digits sent in this hour",
            3_600,
        ));
    }
    let code = format!("{:06}", u64::from_be_bytes(random()) % 1_000_000);
    mail.ask(address, language, &code).await.map_err(|unsent| match unsent {
        Unsent::Refused => ApiError::field("mail_refused", "address", unsent.to_string()),
        Unsent::Silent => ApiError::new(StatusCode::BAD_GATEWAY, "mail_silent", unsent.to_string()),
    })?;
    Ok(code)
}
