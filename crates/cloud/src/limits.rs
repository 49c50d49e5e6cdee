//! Every limit of the cloud, with its unit and its reason. Limits of messages are in [`protocol::limits`].

/// Bytes of one JSON request body at most: eight envelopes in base64url with room for the rest.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// Seconds that one HTTP request may take; long enough for [`HEAD_WAIT_MS`] and a slow disk.
pub(crate) const REQUEST_S_MAX: u64 = 30;
/// Milliseconds that a sign-in nonce lives: a person may have to touch a passkey.
pub(crate) const NONCE_LIFE_MS: i64 = 60_000;
/// Nonces that may be open at once: bounds memory against a flood (about 5 MB).
pub(crate) const NONCES_OPEN_MAX: usize = 50_000;
/// Seconds that a token lives: a shift has many hours, but a stolen token should not.
pub(crate) const TOKEN_LIFE_S: i64 = 3_600;
/// Milliseconds that a new connection has for its sign-in: a slow mobile network, with room.
pub(crate) const SIGN_IN_WAIT_MS: u64 = 10_000;

/// Homes that one address may create in an hour: an installer's day, not a script's.
pub(crate) const HOMES_PER_HOUR_MAX: u32 = 60;
/// Provider sign-ups from one address in an hour.
pub(crate) const SIGN_UPS_PER_HOUR_MAX: u32 = 20;
/// Delivery numbers that a provider may get wrong in an hour. Typing mistakes of one depot stay below it; at this
/// rate a search through 31^7 numbers takes 60 million years.
pub(crate) const GUESSES_PER_HOUR_MAX: u32 = 50;
/// Letters that one address may leave in an hour: a depot that enrols a courier each minute.
pub(crate) const LETTERS_PER_HOUR_MAX: u32 = 60;
/// Milliseconds in the hour of the four limits above.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Callers that a rate limit remembers at once: bounds memory.
pub(crate) const RATED_CALLERS_MAX: usize = 100_000;

/// Bytes of one letter: a roster of 16 residents with its signatures and their sealing, with room.
pub(crate) const LETTER_BYTES_MAX: usize = 16 * 1024;
/// Milliseconds that a letter lives: whoever got a link in the morning may open it at night. A day later somebody
/// should say again that it is still meant.
pub(crate) const LETTER_LIFE_MS: i64 = 24 * HOUR_MS;
/// Letters kept at once, by everybody: bounds the disk that strangers can fill (800 MiB).
pub(crate) const LETTERS_KEPT_MAX: i64 = 50_000;
/// Milliseconds between two sweeps of letters that have run out.
pub(crate) const LETTER_SWEEP_MS: u64 = 60_000;
/// Letters deleted in one write, so that the writer is free again in between.
pub(crate) const LETTERS_SWEPT_MAX: i64 = 256;
/// Seconds that a question for a letter may wait: below [`REQUEST_S_MAX`], and below the 30 s of many proxies.
pub(crate) const LETTER_WAIT_S_MAX: u64 = 25;
/// Questions for letters that may wait at once: bounds connections that strangers hold.
pub(crate) const LETTER_WAITS_MAX: usize = 4_096;
/// Delivery numbers of one home that are not revoked: one per shop, with room.
pub(crate) const DELIVERY_NUMBERS_MAX: i64 = 100;
/// Rosters in one registration: a home that changed clouds brings its history.
pub(crate) const ROSTER_CHAIN_MAX: usize = 64;
/// Bytes of the sealed tour beside an assignment: addresses and salts of one tour's stop.
pub(crate) const TOUR_SEALED_BYTES_MAX: usize = 8 * 1024;
/// Characters of the plain description that a resident reads.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 64;
/// Characters of an idempotency key: room for any identifier in use.
pub(crate) const IDEMPOTENCY_CHARS_MAX: usize = 128;

/// Seconds that a question for a tour may wait until it changes: below [`REQUEST_S_MAX`], and below the 30 s of many proxies.
pub(crate) const TOUR_WAIT_S_MAX: u64 = 25;
/// Questions for tours that may wait at once: a courier service of some thousand handsets.
pub(crate) const TOUR_WAITS_MAX: usize = 4_096;
/// Of one handset: a page, another beside it, and some whose network died and that nobody waits for any more.
pub(crate) const TOUR_WAITS_PER_DEVICE_MAX: usize = 8;
/// Milliseconds after a ring before the tour is read: what changes together is told together, and a busy home has it read
/// five times a second at most.
pub(crate) const TOUR_GATHER_MS: u64 = 200;
/// Milliseconds over which handsets are spread whose windows begin at the same minute.
pub(crate) const TOUR_SPREAD_MS: u64 = 2_000;

/// Reports of where it went that are kept of one stop: a mistake corrected, some times.
pub(crate) const LEFT_PER_ASSIGNMENT_MAX: usize = 8;
/// Seconds that a report may lie ahead of the cloud's clock: a phone's clock that is somewhat off.
pub(crate) const LEFT_AHEAD_S_MAX: u64 = 300;
/// Seconds that a report may wait for a network: a tour's day and the one after.
pub(crate) const LEFT_AGE_S_MAX: u64 = 2 * 86_400;
/// Delegations of one home that are looked through for a report's, newest first: working keys last a quarter of a year.
pub(crate) const DELEGATIONS_READ_MAX: u32 = 500;
/// Stops before a door at most that a provider may say: a long tour.
pub(crate) const STOPS_AWAY_MAX: u8 = 99;
/// Stops before a door at which residents are told.
pub(crate) const STOPS_AWAY_NEAR: u8 = 3;
/// Milliseconds for which it is news how many stops are before a door: afterwards it is not known.
pub(crate) const STOPS_AWAY_NEWS_MS: i64 = 30 * 60_000;

/// Files of the web app in a folder that is served: a built app has some dozens; a wrong folder is told.
pub(crate) const APP_FILES_MAX: usize = 1_000;
/// Bytes of them together, all of which are kept in memory: a built app has some 5 MB.
pub(crate) const APP_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Seconds for which browsers come by https only, once told: a year, as is usual.
pub(crate) const HTTPS_ONLY_S: u64 = 31_536_000;

/// Bytes of a push service's address: some are 500 long.
pub(crate) const PUSH_ENDPOINT_BYTES_MAX: usize = 2_048;
/// Workers that tell browsers; a push service that is slow holds up the homes of one.
pub(crate) const PUSH_WORKERS: usize = 8;
/// Homes that wait for one worker; what does not fit is told with the home's next news.
pub(crate) const PUSH_QUEUE_MAX: usize = 1_024;
/// Milliseconds before each try to reach a push service: three tries within 5 s, while it is still news.
pub(crate) const PUSH_TRIES_MS: [u64; 3] = [0, 1_000, 4_000];
/// Milliseconds that a push service has for its answer.
pub(crate) const PUSH_WAIT_MS: u64 = 5_000;
/// Seconds that a push service keeps a message for a browser that is offline: after an hour it is no news.
pub(crate) const PUSH_LIFE_S: u64 = 3_600;
/// Milliseconds after which a notice is no news any more: the cloud was stopped meanwhile.
pub(crate) const PUSH_AGE_MS_MAX: i64 = 300_000;

/// Bytes of a mail address, as RFC 5321 allows.
pub(crate) const MAIL_ADDRESS_BYTES_MAX: usize = 254;
/// Milliseconds that the mail server has for one mail, and a person for an answer.
pub(crate) const MAIL_WAIT_MS: u64 = 10_000;
/// Workers that send mails; a mail server that is slow holds up the mails of one.
pub(crate) const MAIL_WORKERS: usize = 4;
/// Mails that wait for one worker: those of some minutes at ten a second; what does not fit stands in the app.
pub(crate) const MAIL_QUEUE_MAX: usize = 1_024;
/// Mails with digits that one device may have sent in an hour: nobody is written to without end by a stranger.
pub(crate) const MAIL_CODES_PER_HOUR_MAX: u32 = 5;
/// Milliseconds for which the digits of a mail count: a mail may take its time.
pub(crate) const MAIL_CODE_MS: i64 = 15 * 60_000;
/// How often digits may be tried: of a million numbers, five are hit by chance in none of 100,000 tries.
pub(crate) const MAIL_CODE_TRIES_MAX: i64 = 5;
/// Mails about notices to one device in an hour; a busy day has some twenty.
pub(crate) const MAILS_PER_HOUR_MAX: u32 = 30;

/// Rows in one page of a listing.
pub(crate) const PAGE_ROWS_MAX: u32 = 200;
/// Rows in one page if the caller does not say.
pub(crate) const PAGE_ROWS: u32 = 50;

/// Jobs that may wait for the one writer; more is a sign of a dead disk, and callers are told.
pub(crate) const WRITE_QUEUE_MAX: usize = 1_024;
/// Jobs in one write transaction at most.
pub(crate) const WRITE_GROUP_MAX: usize = 128;
/// Milliseconds after which a write transaction takes in no further job; with one commit stays below 50.
pub(crate) const WRITE_GROUP_MS: u128 = 20;
/// Milliseconds that a write transaction should take at most; a longer one is logged. What waits is a person at a door.
pub(crate) const WRITE_TRANSACTION_MS_MAX: u128 = 50;
/// Connections that read one database.
pub(crate) const READERS_MAX: u32 = 4;
/// Milliseconds to wait for another process's lock on a database file.
pub(crate) const DATABASE_BUSY_MS: u64 = 5_000;

/// Door events in one uplink message that are taken: a message has 64 KiB.
pub(crate) const LOG_ENTRIES_MAX: usize = 256;
/// Messages waiting for one home: some visitors' words and answers; papers wait in the database.
pub(crate) const HOME_QUEUE_MAX: usize = 64;
/// Papers sent to a home in one go.
pub(crate) const PAPERS_IN_FLIGHT_MAX: i64 = 32;
/// Milliseconds after which an unanswered paper is sent again; just above the life of a message.
pub(crate) const PAPER_RESEND_MS: i64 = 12_000;
/// Milliseconds between two looks for such papers.
pub(crate) const PAPER_LOOK_MS: u64 = 3_000;
/// Milliseconds that an upload waits for the home's word before it answers `pending`.
pub(crate) const KEPT_WAIT_MS: u64 = 1_500;
/// Milliseconds that a resident waits for the door's signed head.
pub(crate) const HEAD_WAIT_MS: u64 = 5_000;
/// Questions for a head that may be open at once.
pub(crate) const HEADS_OPEN_MAX: usize = 1_024;
/// Milliseconds of silence during a passage after which people are told.
pub(crate) const SILENCE_MS: u64 = 5_000;
/// Milliseconds between two looks for silence.
pub(crate) const SILENCE_LOOK_MS: u64 = 250;
/// Milliseconds without any frame after which a home counts as offline: it sends a beat every second, and would drop
/// what answers an older one than [`protocol::limits::DOWNLINK_LIFE_MS`].
pub(crate) const HOME_ALIVE_MS: i64 = 10_000;
/// Milliseconds that a closing connection has for its last words.
pub(crate) const LAST_WORDS_MS: u64 = 2_000;
/// Milliseconds without any frame after which a home's connection is given up.
pub(crate) const UPLINK_IDLE_MS: u64 = 60_000;

/// Milliseconds between two empty frames to a visitor: a page hears nothing of a network that died, and takes three that
/// did not come for a dead one.
pub(crate) const VISITOR_BEAT_MS: u64 = 2_000;
/// Words waiting for one visitor; a visit has about a dozen.
pub(crate) const VISITOR_QUEUE_MAX: usize = 64;
/// Bytes of one frame from a visitor: one signed message and its wrapping.
pub(crate) const VISITOR_FRAME_BYTES_MAX: usize = 8 * 1024;
/// Frames that a visitor may send in one connection: 5 tries per arrival, several parcels, with room.
pub(crate) const VISITOR_FRAMES_MAX: u32 = 200;
/// Challenges, presentations and farewells held of one visit until it is over: 5 tries and what comes between, with room.
pub(crate) const PASSING_PAPERS_MAX: usize = 24;
/// Visits of which they are held: bounds memory (a presentation has some 500 bytes; 4 KiB at most).
pub(crate) const PASSING_VISITS_MAX: usize = 1_000;
/// Visits of one home of which they are held, so that no home takes the room of all others.
pub(crate) const PASSING_VISITS_PER_HOME_MAX: usize = 8;
/// Refused arrivals after which a visitor's connection is closed: each one costs a row.
pub(crate) const ARRIVALS_REFUSED_MAX: u32 = 5;
/// Visits whose last word is remembered for a handset that comes back.
pub(crate) const VISITS_REMEMBERED_MAX: usize = 10_000;

/// Bytes of one frame on the media uplink: a chunk, with its wrapping.
pub(crate) const MEDIA_FRAME_BYTES_MAX: usize = protocol::limits::CHUNK_BYTES_MAX + 1_024;
/// Bytes of a part's header or of a manifest: wrapped keys for 16 residents; a table of parts and gaps.
pub(crate) const MEDIA_PAPER_BYTES_MAX: usize = 256 * 1024;
/// Parts of one recording: 4 cameras, several starts of the hub.
pub(crate) const PARTS_MAX: u32 = 64;
/// Bytes of one part: 24 hours of 1080p video.
pub(crate) const PART_BYTES_MAX: u64 = 48 * 1024 * 1024 * 1024;
/// Chunks written before they are synced together.
pub(crate) const MEDIA_GROUP_MAX: usize = 64;
/// Bytes kept in memory of a live recording since the last joinable chunk.
pub(crate) const LIVE_TAIL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Chunks waiting for one watcher: about 10 s; a slower one is dropped.
pub(crate) const WATCHER_QUEUE_MAX: usize = 300;
/// Watchers of one recording at once: a household and its devices.
pub(crate) const WATCHERS_MAX: usize = 32;
/// How long a look is passed on at most: as long as it lasts, with room for a slow beginning. The home ends it before.
pub(crate) const LOOK_LIFE: std::time::Duration =
    std::time::Duration::from_secs(protocol::limits::LOOK_S as u64 + 15);
/// How long somebody who asked for a look has to come and watch.
pub(crate) const LOOK_JOIN: std::time::Duration = std::time::Duration::from_secs(10);
/// Looks that go on in one home: four devices, each of which may change to the next.
pub(crate) const LOOKS_OF_HOME_MAX: usize = 8;
/// Looks that go on through this cloud: each holds [`LIVE_TAIL_BYTES_MAX`] at most.
pub(crate) const LOOKS_OPEN_MAX: usize = 256;
/// Milliseconds that a resident waits for the home's answer to a look.
pub(crate) const LOOK_WAIT_MS: u64 = 5_000;
/// Hours for which recordings are kept where no owner chose: the guideline for video in Germany.
pub(crate) const RETENTION_H: u32 = 72;
/// Hours at least: somebody should have seen it.
pub(crate) const RETENTION_H_MIN: u32 = 1;
/// Hours at most: a month, after which a claim should hold what is still needed.
pub(crate) const RETENTION_H_MAX: u32 = 31 * 24;
/// Milliseconds after its end for which a claim can hold a recording: a quarter of a year.
pub(crate) const CLAIM_MS_MAX: i64 = 92 * 24 * HOUR_MS;
/// Milliseconds after its beginning at which a recording counts as ended, if nobody closed it: the longest part.
pub(crate) const RECORDING_OPEN_MS_MAX: i64 = 24 * HOUR_MS;
/// Milliseconds before a start: what was deleted since then is looked for once more. Copying a recording takes less.
pub(crate) const SWEEP_AGAIN_MS: i64 = 24 * HOUR_MS;
/// Milliseconds between two looks for recordings whose time is over.
pub(crate) const RETENTION_SWEEP_MS: u64 = 60_000;
/// Milliseconds between the notice that a recording is deleted soon and its deletion, at least, however the hours were
/// chosen and however long the cloud stood still: a third of the shortest time.
pub(crate) const RETENTION_NOTICE_MS: i64 = 20 * 60 * 1_000;
/// Milliseconds for which the clock must have gone evenly, from the start on, before anything is deleted by it: a machine
/// that starts with a wrong clock has it put right by then.
pub(crate) const CLOCK_EVEN_MS: i64 = HOUR_MS;
/// Milliseconds by which the clock may differ between two looks from the time that passed: room for one that is slewed.
pub(crate) const CLOCK_STEP_MS_MAX: i64 = 60_000;
/// Recordings in one such look, so that the writer is free again in between.
pub(crate) const RECORDINGS_SWEPT_MAX: u32 = 256;
/// Hours for which a link to a recording may count.
pub(crate) const SHARE_HOURS: [u32; 3] = [1, 24, 168];
/// Links that count at once for one recording: an insurer, a service, a neighbour, with room.
pub(crate) const SHARES_PER_RECORDING_MAX: i64 = 10;
/// Bytes that a link seals: 64 part keys and some recorders' keys, with room.
pub(crate) const SHARE_BYTES_MAX: usize = 8 * 1024;
/// Requests about links that one address may make in an hour: opening one takes one, one for each part, and one for each
/// 8 MiB of pictures.
pub(crate) const SHARES_OPENED_PER_HOUR_MAX: u32 = 600;
/// Bytes of one ranged answer at most, so that a download is taken in steps.
pub(crate) const RANGE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Bytes that one step of an upload into the object store holds (S3 asks for 5 MiB at least).
pub(crate) const OBJECT_STEP_BYTES: usize = 8 * 1024 * 1024;
/// The same distress of the same home is told again after this long, ms: it is repeated every ten seconds while it lasts.
pub(crate) const DISTRESS_AGAIN_MS: i64 = 3_600_000;
/// Characters of a distress code that are kept: the longest of the doorkeeper's codes, with room.
pub(crate) const DISTRESS_CHARS_MAX: usize = 48;
