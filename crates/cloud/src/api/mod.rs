//! The HTTP surface. `GET /openapi.json` describes it for programs, this page for people.
//!
//! Bodies are JSON; bytes are base64url without padding; identifiers, hashes and key identifiers are lower-case
//! hexadecimal; times end in `_ms` (milliseconds since 1970) or are seconds since 1970. Unknown fields are refused.
//! Signed messages travel as the envelopes of crate `protocol` and are checked on the way in.
//!
//! Every error is `application/problem+json` (RFC 9457) with a stable `code`, a `detail` that says what to mend, and
//! the `field` that is wrong. Tokens go into `Authorization: Bearer`; a browser's WebSocket offers the subprotocols
//! `vestibule.v1` and `bearer.<token>`.
//!
//! | route | who | what |
//! |---|---|---|
//! | `POST /v1/sign-in/nonce` | anyone | a nonce for one sign-in |
//! | `POST /v1/sign-in` | anyone with a key | a token for an hour |
//! | `POST /v1/homes` | a door and its owners | register a home |
//! | `GET /v1/uplink` | a door | WebSocket of [`protocol::uplink`] |
//! | `GET /v1/media/uplink` | a recorder | WebSocket of [`protocol::media`] |
//! | `GET /v1/homes/{home}` | resident | the home, its door key, is it online |
//! | `GET /v1/homes/{home}/preflight` | resident | what would fail now |
//! | `POST /v1/homes/{home}/head` | resident | the door's signed head over a nonce |
//! | `POST GET /v1/homes/{home}/delivery-numbers` | resident | draw, list |
//! | `DELETE /v1/homes/{home}/delivery-numbers/{number}` | resident | revoke |
//! | `GET /v1/homes/{home}/consignments` | resident | what was announced |
//! | `POST /v1/homes/{home}/consignments/{consignment}/decline` | resident | no |
//! | `GET PUT /v1/homes/{home}/plan-b` | resident | where parcels go that do not go in |
//! | `PUT DELETE /v1/homes/{home}/consignments/{consignment}/plan-b` | resident | the same for one consignment |
//! | `POST GET /v1/homes/{home}/grants` | resident | sign in, list |
//! | `GET /v1/homes/{home}/grants/{hash}` | resident | one grant |
//! | `POST GET /v1/homes/{home}/rosters` | resident | the next roster; the one in force, and since an epoch those that lead to it |
//! | `POST GET /v1/homes/{home}/revocations` | resident | send, list |
//! | `GET /v1/homes/{home}/revocations/{sequence}` | resident | confirmed, or until when the risk stays |
//! | `POST /v1/homes/{home}/answers` | resident | allow, stop, "I'm coming" |
//! | `POST /v1/homes/{home}/looks` | resident | see what a camera sees, outside a visit |
//! | `GET /v1/homes/{home}/looks/{look}/live` | resident | WebSocket of its sealed chunks, kept nowhere |
//! | `GET /v1/homes/{home}/visits` | resident | visits |
//! | `GET /v1/homes/{home}/visits/{visit}` | resident | one visit with its timeline |
//! | `GET /v1/homes/{home}/visits/{visit}/papers` | resident | papers that prove a delivery, partly sealed |
//! | `GET /v1/homes/{home}/arrivals` | resident | the cloud's match of each arrival |
//! | `GET /v1/homes/{home}/left` | resident | what couriers signed about parcels that went elsewhere |
//! | `GET /v1/homes/{home}/left/{left}/photo` | resident | the sealed photo that one of them names |
//! | `GET /v1/homes/{home}/door-log` | resident | signed events and their openings |
//! | `GET /v1/homes/{home}/door-log/conflicts` | resident | evidence of a split view |
//! | `POST /v1/homes/{home}/door-log/rebuild` | owner | project the visits again |
//! | `GET /v1/homes/{home}/notices` | resident | notices since a cursor |
//! | `GET /v1/homes/{home}/notices/live` | resident | WebSocket of notices |
//! | `POST GET DELETE /v1/homes/{home}/push-subscriptions` | resident | this device's push messages |
//! | `POST GET DELETE /v1/homes/{home}/mail-address` | resident | this device's mail, for what no push message brings |
//! | `POST /v1/homes/{home}/mail-address/confirm` | resident | the digits that were sent there |
//! | `GET /v1/homes/{home}/recordings` | resident | recordings |
//! | `GET /v1/homes/{home}/recordings/{recording}` | resident | headers and manifest |
//! | `DELETE /v1/homes/{home}/recordings/{recording}` | owner | delete here |
//! | `GET /v1/homes/{home}/recordings/{recording}/parts/{part}/index` | resident | where chunks lie |
//! | `GET /v1/homes/{home}/recordings/{recording}/parts/{part}/chunks` | resident | sealed chunks, ranged |
//! | `GET /v1/homes/{home}/recordings/{recording}/live` | resident | WebSocket of sealed chunks |
//! | `GET /v1/homes/{home}/recordings/{recording}/watches` | resident | who watched |
//! | `PUT DELETE /v1/homes/{home}/recordings/{recording}/claim` | resident, owner | hold it for a claim, release it |
//! | `GET PUT /v1/homes/{home}/retention` | resident, owner | for how long recordings are kept |
//! | `POST /v1/homes/{home}/recordings/{recording}/shares` | owner | a link to one recording, for 1, 24 or 168 hours |
//! | `GET /v1/homes/{home}/shares` | resident | links |
//! | `DELETE /v1/homes/{home}/shares/{share}` | resident | withdraw a link |
//! | `POST /v1/providers` | anyone with a key | sign up |
//! | `GET /v1/provider` | provider | own account |
//! | `POST GET /v1/provider/delegations` | provider | working keys |
//! | `POST GET /v1/provider/handsets` | provider | handsets |
//! | `DELETE /v1/provider/handsets/{kid}` | provider | remove a handset |
//! | `POST GET /v1/provider/consignments` | provider | announce, list |
//! | `GET /v1/provider/consignments/{consignment}` | provider | one consignment and its visits |
//! | `POST GET /v1/provider/assignments` | provider | assign, list |
//! | `PUT /v1/provider/assignments/{assignment}/stops-away` | provider | how many stops are before this door |
//! | `GET /v1/provider/visits` | provider | visits and arrivals, coarse |
//! | `GET /v1/visitor/tour` | visitor | stops, and whether they would work or one may ring there now; waits for a change |
//! | `GET /v1/visitor/door` | visitor | WebSocket of one visit, from its arrival or its ring |
//! | `POST /v1/visitor/left` | visitor | where a parcel went that did not go in, signed |
//! | `PUT /v1/visitor/left/{left}/photo` | visitor | the sealed photo that such a report names |
//! | `GET /v1/visitor/visits/{visit}` | visitor | the receipt of an own visit, and who watched |
//! | `GET /v1/operator/providers` | operator | providers |
//! | `POST /v1/operator/providers/{provider}/admit` | operator | admit |
//! | `POST /v1/operator/providers/{provider}/suspend` | operator | suspend |
//! | `GET /v1/operator/incidents` | operator | incidents since a cursor |
//! | `GET /v1/operator/counts` | operator | counts |
//! | `GET /v1/shares/{share}` | anyone with the link | what was shared: headers, manifest, sealed keys |
//! | `GET /v1/shares/{share}/parts/{part}/index` | anyone with the link | where chunks lie |
//! | `GET /v1/shares/{share}/parts/{part}/chunks` | anyone with the link | sealed chunks, ranged |
//! | `PUT GET /v1/letterboxes/{id}/{slot}` | anyone with the link | leave a sealed letter, fetch it or wait for it |
//! | `GET /v1/app` | anyone | the build of the web app, as a hash |
//! | `GET /healthz` | anyone | 200 while the cloud serves |
//! | `GET /openapi.json` | anyone | this, for programs |

pub(crate) mod home;
pub(crate) mod letterboxes;
mod operator;
mod provider;
pub(crate) mod resident;
mod shares;
mod sign_in;
mod visitor;
mod web_app;

use crate::app::Shared;
use crate::problem::{ApiError, Problem};
use axum::Router;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule cloud",
        description = "Relays, matches, notifies, stores ciphertext. Can open nothing."
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Is the cloud serving?
#[utoipa::path(get, path = "/healthz", tag = "cloud", responses((status = 200), ApiError), security(()))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// All routes, and their description.
pub(crate) fn routes() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    let (router, mut description) = described_routes().split_for_parts();
    name_operations(&mut description);
    (router, description)
}

/// Gives every operation a name of its own, from method and path: the handlers' names repeat, and generators of clients
/// tell operations apart by nothing else.
fn name_operations(description: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut description.paths.paths {
        let words = path.trim_start_matches("/v1").replace(['/', '-', '.'], "_").replace(['{', '}'], "");
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}{words}"));
            }
        }
    }
}

fn described_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(healthz))
        .routes(routes!(sign_in::nonce))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(home::registration::register))
        .routes(routes!(home::connections::hub))
        .routes(routes!(home::connections::recorder))
        .routes(routes!(web_app::show))
        .routes(routes!(letterboxes::leave, letterboxes::fetch))
        .routes(routes!(shares::open))
        .routes(routes!(shares::index))
        .routes(routes!(shares::chunks))
        .merge(of_residents())
        .merge(of_providers())
        .routes(routes!(visitor::told::show))
        .routes(routes!(visitor::door::open))
        .routes(routes!(visitor::left::create))
        .routes(routes!(visitor::left_photo::put))
        .routes(routes!(visitor::visits::show))
        .routes(routes!(operator::providers::list))
        .routes(routes!(operator::providers::admit))
        .routes(routes!(operator::providers::suspend))
        .routes(routes!(operator::incidents::list))
        .routes(routes!(operator::counts::show))
}

fn of_residents() -> OpenApiRouter<Shared> {
    use resident::{
        answers, consignments, delivery_numbers, door_log, grants, home, left, looks, mail_address, notices,
        plan_b, push_subscriptions, recordings, retention, revocations, rosters, shares, visit_papers,
        visits,
    };
    OpenApiRouter::new()
        .routes(routes!(home::show))
        .routes(routes!(home::preflight))
        .routes(routes!(home::head))
        .routes(routes!(delivery_numbers::create, delivery_numbers::list))
        .routes(routes!(delivery_numbers::revoke))
        .routes(routes!(consignments::list))
        .routes(routes!(consignments::decline))
        .routes(routes!(plan_b::show, plan_b::choose))
        .routes(routes!(plan_b::choose_for_one, plan_b::as_the_home))
        .routes(routes!(grants::create, grants::list))
        .routes(routes!(grants::show))
        .routes(routes!(rosters::create, rosters::show))
        .routes(routes!(revocations::create, revocations::list))
        .routes(routes!(revocations::show))
        .routes(routes!(answers::create))
        .routes(routes!(looks::create))
        .routes(routes!(looks::live))
        .routes(routes!(visits::list))
        .routes(routes!(visits::show))
        .routes(routes!(visits::arrivals))
        .routes(routes!(visit_papers::show))
        .routes(routes!(left::list))
        .routes(routes!(left::photo))
        .routes(routes!(door_log::list))
        .routes(routes!(door_log::conflicts))
        .routes(routes!(door_log::rebuild))
        .routes(routes!(notices::list))
        .routes(routes!(notices::live))
        .routes(routes!(push_subscriptions::create, push_subscriptions::show, push_subscriptions::delete))
        .routes(routes!(mail_address::create, mail_address::show, mail_address::delete))
        .routes(routes!(mail_address::confirm))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::show, recordings::delete))
        .routes(routes!(recordings::index))
        .routes(routes!(recordings::chunks))
        .routes(routes!(recordings::live))
        .routes(routes!(recordings::watches))
        .routes(routes!(retention::show, retention::choose))
        .routes(routes!(retention::hold, retention::release))
        .routes(routes!(shares::create))
        .routes(routes!(shares::list))
        .routes(routes!(shares::withdraw))
}

fn of_providers() -> OpenApiRouter<Shared> {
    use provider::{account, assignments, consignments, delegations, handsets, stops_away, visits};
    OpenApiRouter::new()
        .routes(routes!(account::sign_up))
        .routes(routes!(account::show))
        .routes(routes!(delegations::create, delegations::list))
        .routes(routes!(handsets::create, handsets::list))
        .routes(routes!(handsets::remove))
        .routes(routes!(consignments::create, consignments::list))
        .routes(routes!(consignments::show))
        .routes(routes!(assignments::create, assignments::list))
        .routes(routes!(stops_away::say))
        .routes(routes!(visits::list))
}
