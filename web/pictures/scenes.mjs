/** Every screen that is rendered: which home, which page of it, what is pressed first. */

const press = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
};
const both = (de, en) => new RegExp(`^(${de}|${en})`);

const putAway = async (page) => {
  await press(both('Schlüssel', 'Make keys'))(page);
  await page.getByRole('checkbox').check();
  await press(both('Weiter', 'Go on'))(page);
};

const typeSheet = (text) => async (page) => {
  await page.getByRole('textbox').fill(text);
  await press(both('Blatt lesen', 'Read the sheet'))(page);
};

const chooseTheirs = async (page) => {
  await page.getByText(both('Zweites', 'Second')).first().click();
};

export const scenes = [
  { name: 'door-locked', home: 'quiet' },
  { name: 'door-today', home: 'expected', tall: true },
  { name: 'door-plan-b', home: 'expected', act: async (page) => page.getByText('Plan B:').first().click(), tall: true },
  { name: 'door-missed', home: 'missed', tall: true },
  { name: 'door-missed-unproven', home: 'missedUnproven', tall: true },
  { name: 'visit-missed', home: 'missed', hash: '/visits/r1', tall: true },
  { name: 'visit-missed-unproven', home: 'missedUnproven', hash: '/visits/r1', tall: true },
  { name: 'visit-photo', home: 'missedPhoto', hash: '/visits/r1', settle: 400, tall: true },
  { name: 'visit-photo-foreign', home: 'missedPhotoForeign', hash: '/visits/r1', settle: 400, tall: true },
  { name: 'visit-photo-former', home: 'missedPhotoFormer', hash: '/visits/r1', settle: 400, tall: true },
  { name: 'visit-photo-opening', home: 'missedPhotoOpening', hash: '/visits/r1', tall: true },
  { name: 'visit-photo-awaited', home: 'missedPhotoAwaited', hash: '/visits/r1', tall: true },
  { name: 'visit-photo-deleted', home: 'missedPhotoDeleted', hash: '/visits/r1', tall: true },
  { name: 'visit-photo-not-for-you', home: 'missedPhotoNotForYou', hash: '/visits/r1', tall: true },
  { name: 'visit-photo-failed', home: 'missedPhotoFailed', hash: '/visits/r1', tall: true },
  { name: 'door-awaiting', home: 'awaiting', tall: true },
  { name: 'door-awaiting-two', home: 'awaitingTwo', tall: true },
  { name: 'door-night', home: 'quiet', at: '22:30' },
  { name: 'door-dawn', home: 'quiet', at: '07:10' },
  { name: 'door-dusk', home: 'quiet', at: '18:10' },
  { name: 'door-unlocked', home: 'unlocked' },
  { name: 'door-ajar', home: 'ajar' },
  { name: 'door-open', home: 'open' },
  { name: 'door-unknown', home: 'unknown' },
  { name: 'door-offline', home: 'offline' },
  { name: 'door-blocked', home: 'blocked' },
  { name: 'door-holding', home: 'quiet', act: hold(500, false), settle: 0, brief: true },
  { name: 'door-unconfirmed', home: 'unconfirmed', act: hold(1_100, true), tall: true },
  { name: 'door-trouble', home: 'trouble', tall: true },
  { name: 'door-newer', home: 'quiet', newer: true, tall: true },
  { name: 'letter-first', home: 'awaiting', hash: '/letter/w1', tall: true },
  { name: 'letter-known', home: 'awaitingKnown', hash: '/letter/w1', tall: true },
  { name: 'letter-kept', home: 'awaitingKnown', hash: '/letter/w1', act: press(both('Erlauben', 'Allow')) },
  { name: 'letter-pending', home: 'awaiting', hash: '/letter/w1', act: press(both('Erlauben', 'Allow')) },
  { name: 'letter-declined', home: 'awaiting', hash: '/letter/w1', act: press(both('Ablehnen', 'Decline')) },
  { name: 'letter-cancelled', home: 'cancelled', hash: '/letter/w1', act: press(both('Erlauben', 'Allow')), tall: true },
  { name: 'letter-always', home: 'awaitingKnown', hash: '/letter/w1/always', tall: true },
  { name: 'letter-always-terms', home: 'awaitingKnown', hash: '/letter/w1/always', act: change(async () => {}), tall: true },
  { name: 'letter-always-no-days', home: 'noDays', hash: '/letter/w1/always', act: change(async (page) => {
    await page.getByText('2×').click();
  }), tall: true },
  { name: 'letter-always-first', home: 'awaiting', hash: '/letter/w1/always', tall: true },
  { name: 'letter-always-kept', home: 'awaitingKnown', hash: '/letter/w1/always', act: press(both('Immer erlauben', 'Always allow')) },
  { name: 'door-always', home: 'always', tall: true },
  { name: 'door-ends-soon', home: 'endsSoon', tall: true },
  { name: 'permission-standing', home: 'always', hash: '/household/permission/s1', tall: true },
  { name: 'permission-ends-soon', home: 'endsSoon', hash: '/household/permission/s1', tall: true },
  { name: 'permission-renew', home: 'endsSoon', hash: '/household/permission/s1/renew', tall: true },
  { name: 'letter-gone', home: 'quiet', hash: '/letter/w1' },
  { name: 'look', home: 'looks', hash: '/look' },
  { name: 'look-alone', home: 'looksAlone', hash: '/look' },
  { name: 'look-on', home: 'looks', hash: '/look', act: press(both('Jetzt nachsehen', 'Look now')), settle: 500 },
  { name: 'look-lost', home: 'looksLost', hash: '/look', act: press(both('Jetzt nachsehen', 'Look now')) },
  { name: 'look-refused', home: 'looksNot', hash: '/look', act: press(both('Jetzt nachsehen', 'Look now')) },
  { name: 'door-alarmed', home: 'alarmed' },
  { name: 'rings', home: 'rings' },
  { name: 'rings-alarmed', home: 'ringsAlarmed' },
  { name: 'rings-unannounced', home: 'ringsUnknown' },
  { name: 'live-ring', home: 'ring', settle: 700 },
  { name: 'live-asked', home: 'asked', settle: 700 },
  { name: 'live-open', home: 'live', settle: 700 },
  { name: 'live-late', home: 'late', settle: 700, tall: true },
  { name: 'live-frozen', home: 'frozen', settle: 700, tall: true },
  { name: 'live-stopped', home: 'ring', settle: 400, act: press(both('Stopp', 'Stop')) },
  { name: 'live-no-picture', home: 'noPicture', tall: true },
  { name: 'visits', home: 'quiet', hash: '/visits', tall: true },
  { name: 'visits-empty', home: 'empty', hash: '/visits' },
  { name: 'visit-inside', home: 'quiet', hash: '/visits/v1', tall: true },
  { name: 'visit-recording', home: 'quiet', hash: '/visits/v1', act: watch(6), settle: 500, tall: true },
  { name: 'visit-gap', home: 'quiet', hash: '/visits/v1', act: watch(17), settle: 500, tall: true },
  { name: 'visit-refused', home: 'quiet', hash: '/visits/v2', tall: true },
  { name: 'visit-incident', home: 'quiet', hash: '/visits/v4', tall: true },
  { name: 'visit-delete', home: 'quiet', hash: '/visits/v1', act: async (page) => {
    await watch(6)(page);
    await press(both('Löschen', 'Delete'))(page);
  }, settle: 400 },
  { name: 'recording-held', home: 'recordingHeld', hash: '/visits/v1', tall: true },
  { name: 'recording-release', home: 'recordingHeld', hash: '/visits/v1', act: press(both('Freigeben', 'Release')), settle: 400 },
  { name: 'recording-expired', home: 'recordingExpired', hash: '/visits/v1', tall: true },
  { name: 'recording-deleted', home: 'recordingDeleted', hash: '/visits/v1', tall: true },
  { name: 'recording-none', home: 'recordingNone', hash: '/visits/v1', tall: true },
  { name: 'recording-share', home: 'quiet', hash: '/visits/v1', act: press(both('Teilen', 'Share')), settle: 400 },
  { name: 'recording-shared', home: 'recordingShared', hash: '/visits/v1', act: makeLink, tall: true },
  { name: 'share', home: 'share', tall: true },
  { name: 'share-watched', home: 'share', act: watch(17), settle: 500, tall: true },
  { name: 'share-over', home: 'shareOver', tall: true },
  { name: 'share-no-link', home: 'shareNoLink', tall: true },
  { name: 'recording-everything', home: 'everythingGoing', hash: '/visits/v1', act: press(both('Alles herunterladen', 'Download everything')), tall: true },
  { name: 'recording-papers-missing', home: 'everythingMissing', hash: '/visits/v1', act: press(both('Alles herunterladen', 'Download everything')), tall: true },
  { name: 'recordings', home: 'quiet', hash: '/household/recordings', tall: true },
  { name: 'recordings-shared', home: 'recordingShared', hash: '/household/recordings', tall: true },
  { name: 'recordings-none', home: 'recordingNone', hash: '/household/recordings', tall: true },
  { name: 'recordings-shorter', home: 'quiet', hash: '/household/recordings', act: shorter, settle: 400 },
  { name: 'household', home: 'expected', hash: '/household', tall: true },
  { name: 'household-empty', home: 'empty', hash: '/household', tall: true },
  { name: 'household-log', home: 'quiet', hash: '/household', act: press(both('Von Anfang', 'Check from')), tall: true },
  { name: 'household-flaw', home: 'flawed', hash: '/household', act: press(both('Von Anfang', 'Check from')), tall: true },
  { name: 'household-number', home: 'quiet', hash: '/household', act: press(both('Neue Zustell', 'New delivery')), tall: true },
  { name: 'household-remove', home: 'quiet', hash: '/household', act: press(both('Entfernen', 'Remove')), settle: 400 },
  { name: 'access', home: 'access', hash: '/household/access', tall: true },
  { name: 'access-unconfirmed', home: 'accessOpen', hash: '/household/access', tall: true },
  { name: 'household-member', home: 'accessOpen', hash: '/household', tall: true },
  { name: 'rekey', home: 'access', hash: '/household/rekey', tall: true },
  { name: 'rekey-presence', home: 'rekeyAway', hash: '/household/rekey', act: press(both('Jetzt alle', 'End all')), tall: true },
  { name: 'rekey-done', home: 'access', hash: '/household/rekey', act: press(both('Jetzt alle', 'End all')) },
  { name: 'rekey-member', home: 'accessOpen', hash: '/household/rekey', tall: true },
  { name: 'permission-ended', home: 'rekeyed', hash: '/household/permission/s1', tall: true },
  { name: 'new-sheet', home: 'quiet', hash: '/household/sheet' },
  { name: 'new-sheet-drawn', home: 'quiet', hash: '/household/sheet', act: press(both('Blatt machen', 'Make the sheet')), tall: true },
  { name: 'new-sheet-done', home: 'quiet', hash: '/household/sheet', act: async (page) => {
    await press(both('Blatt machen', 'Make the sheet'))(page);
    await page.getByRole('checkbox').check();
    await press(both('Blatt gültig', 'Let the sheet'))(page);
  } },
  { name: 'hand-over-first', home: 'quiet', hash: '/household/hand-over', tall: true },
  { name: 'hand-over', home: 'movesOut', hash: '/household/hand-over', act: chooseTheirs, tall: true },
  { name: 'hand-over-asks', home: 'movesOut', hash: '/household/hand-over', act: async (page) => {
    await chooseTheirs(page);
    await press(both('Wohnung übergeben', 'Hand over'))(page);
  }, settle: 400 },
  { name: 'hand-over-done', home: 'movesOut', hash: '/household/hand-over', act: async (page) => {
    await chooseTheirs(page);
    await press(both('Wohnung übergeben', 'Hand over'))(page);
    await page.getByRole('dialog').getByRole('button').first().click();
  } },
  { name: 'permission', home: 'expected', hash: '/household/permission/a1', tall: true },
  { name: 'permission-finding', home: 'expected', hash: '/household/permission/a2', tall: true },
  { name: 'permission-revoke', home: 'expected', hash: '/household/permission/a1', act: press(both('Zurücknehmen', 'Take back')), settle: 400 },
  { name: 'invite', home: 'quiet', hash: '/household/invite' },
  { name: 'invite-link', home: 'quiet', hash: '/household/invite', act: press(both('Link machen', 'Make a link')), settle: 500, tall: true },
  { name: 'invite-asked', home: 'asksToJoin', hash: '/household/invite', act: press(both('Link machen', 'Make a link')) },
  { name: 'guests', home: 'guests', hash: '/household', tall: true },
  { name: 'guest-new', home: 'quiet', hash: '/household/guest', tall: true },
  { name: 'guest-weekly', home: 'quiet', hash: '/household/guest', act: weekly, tall: true },
  { name: 'guest-link', home: 'guests', hash: '/household/guest/l2', settle: 500, tall: true },
  { name: 'guest-asked', home: 'guests', hash: '/household/guest/l1', tall: true },
  { name: 'guest-letter', home: 'guests', hash: '/household/guest/l1', act: press(both('Sie ist', 'It is the')), tall: true },
  { name: 'guest-cancelled', home: 'guestCancelled', hash: '/household/guest/l1', act: signGuest, tall: true },
  { name: 'guest-pending', home: 'guests', hash: '/household/guest/l1', act: signGuest },
  { name: 'guest-withdrawn', home: 'guests', hash: '/household/guest/l2', act: press(both('Link zurück', 'Withdraw')) },
  { name: 'guest-expired', home: 'guests', hash: '/household/guest/l3' },
  { name: 'guest-gone', home: 'quiet', hash: '/household/guest/l9' },
  { name: 'permission-guest', home: 'guests', hash: '/household/permission/a1', tall: true },
  { name: 'notices', home: 'quiet', hash: '/notices', tall: true },
  { name: 'push-off', home: 'quiet', hash: '/notices/phone', tall: true },
  { name: 'push-on', home: 'told', hash: '/notices/phone', tall: true },
  { name: 'push-turned-off', home: 'told', hash: '/notices/phone', act: press(both('Ausschalten', 'Turn off')), tall: true },
  { name: 'push-none', home: 'quiet', hash: '/notices/phone', act: untick, tall: true },
  { name: 'push-failed', home: 'toldFailed', hash: '/notices/phone', act: press(both('Einschalten', 'Turn on')), tall: true },
  { name: 'push-off-here', home: 'toldOffHere', hash: '/notices/phone' },
  { name: 'push-unsupported', home: 'toldUnsupported', hash: '/notices/phone' },
  { name: 'push-install', home: 'toldInstall', hash: '/notices/phone' },
  { name: 'push-denied', home: 'toldDenied', hash: '/notices/phone' },
  { name: 'mail-none', home: 'quiet', hash: '/notices/mail', tall: true },
  { name: 'mail-on', home: 'mailed', hash: '/notices/mail', tall: true },
  { name: 'mail-turned-off', home: 'mailed', hash: '/notices/mail', act: press(both('Keine Mails mehr', 'No more mail')), tall: true },
  { name: 'mail-digits', home: 'mailWaits', hash: '/notices/mail' },
  { name: 'mail-digits-wrong', home: 'mailWaits', hash: '/notices/mail', act: typeDigits },
  { name: 'mail-off-here', home: 'mailOff', hash: '/notices/mail' },
  { name: 'notices-empty', home: 'empty', hash: '/notices' },
  { name: 'stranger', home: 'stranger', tall: true },
  { name: 'lost', home: 'stranger', hash: '/lost', tall: true },
  { name: 'lost-wrong', home: 'stranger', hash: '/lost', act: typeSheet('12 34'), tall: true },
  { name: 'lost-found', home: 'stranger', hash: '/lost', act: typeSheet('0123456789abcdef'.repeat(4)), tall: true },
  { name: 'lost-presence', home: 'lostElsewhere', hash: '/lost', act: async (page) => {
    await typeSheet('0123456789abcdef'.repeat(4))(page);
    await press(both('Dieses Telefon', 'Bring this'))(page);
  }, tall: true },
  { name: 'lost-done', home: 'stranger', hash: '/lost', act: async (page) => {
    await typeSheet('0123456789abcdef'.repeat(4))(page);
    await press(both('Dieses Telefon', 'Bring this'))(page);
  } },
  { name: 'stranger-link', home: 'stranger', act: press(both('Hast du', 'Do you')), tall: true },
  { name: 'try', home: 'breakin', act: tries(false), tall: true },
  { name: 'try-shut', home: 'breakin', act: tries(true), tall: true },
  { name: 'try-open', home: 'breakin', act: tries(true, 'tomorrow', 'fresh', 'handset', 'announced'), tall: true },
  { name: 'join', home: 'joining', hash: '/join/Zk3mP9xQ7tLw2vNc8RyB4sHd' },
  { name: 'join-waiting', home: 'joining', hash: '/join/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: press(both('Schlüssel', 'Make keys')) },
  { name: 'join-done', home: 'stranger', hash: '/join/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: press(both('Schlüssel', 'Make keys')) },
  { name: 'join-used', home: 'linkUsed', hash: '/join/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: press(both('Schlüssel', 'Make keys')), tall: true },
  { name: 'new-home', home: 'founding', hash: 'home/Zk3mP9xQ7tLw2vNc8RyB4sHd' },
  { name: 'new-home-sheet', home: 'founding', hash: 'home/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: press(both('Schlüssel', 'Make keys')), tall: true },
  { name: 'new-home-compare', home: 'founding', hash: 'home/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: putAway, tall: true },
  { name: 'new-home-done', home: 'stranger', hash: 'home/Zk3mP9xQ7tLw2vNc8RyB4sHd', act: putAway },
  { name: 'starting', home: 'starting' },
  { name: 'no-connection', home: 'offline_at_start' },
  { name: 'no-such-page', home: 'quiet', hash: '/elsewhere' },
];

/** Opens the terms, and does something with them. */
function change(act) {
  return async (page) => {
    await page.getByText(both('Bedingungen ändern', 'Change the terms')).click();
    await act(page);
  };
}

async function signGuest(page) {
  await press(both('Sie ist', 'It is the'))(page);
  await press(both('Erlauben', 'Allow'))(page);
}

async function weekly(page) {
  const boxes = page.getByRole('textbox');
  await boxes.nth(0).fill('Ada');
  await boxes.nth(1).fill('Lindenstraße 4');
  await page.getByRole('radio', { name: both('Jede Woche', 'Weekly') }).check({ force: true });
  for (const day of [0, 3]) await page.getByRole('checkbox').nth(day).check({ force: true });
}

/** Tries to break in: with the courier's phone on the tray, these options are chosen. */
function tries(presses, ...options) {
  return async (page) => {
    const act = page.getByRole('button', { name: both('An der Tür', 'Try the door') });
    await act.waitFor();
    if (options.length > 0) await page.getByRole('checkbox').first().check();
    for (const option of options) {
      for (const select of await page.locator(`select:has(option[value="${option}"])`).all()) await select.selectOption(option);
    }
    if (presses) await act.click();
  };
}

async function typeDigits(page) {
  await page.getByLabel(both('Die sechs Ziffern', 'The six digits')).fill('123456');
  await page.getByRole('button', { name: both('Bestätigen', 'Confirm') }).click();
  await page.getByRole('alert').waitFor();
}

async function untick(page) {
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
}

function hold(ms, release) {
  return async (page) => {
    const button = page.getByRole('button', { name: both('Sperren', 'Block') });
    await button.scrollIntoViewIfNeeded();
    await button.hover();
    await page.mouse.down();
    await page.waitForTimeout(ms);
    if (release) await page.mouse.up();
  };
}

function watch(seconds) {
  return async (page) => {
    await press(both('Aufnahme ansehen', 'Watch the'))(page);
    const video = page.locator('video');
    await video.evaluate((one) => new Promise((resolve) => (one.readyState >= 2 ? resolve() : one.addEventListener('loadeddata', resolve))));
    await page.getByRole('slider').fill(String(seconds * 1_000));
  };
}

/** Fewer hours than some recordings are old. */
async function shorter(page) {
  await page.getByRole('combobox').selectOption('1');
  await press(both('Übernehmen', 'Use this'))(page);
}

async function makeLink(page) {
  await press(both('Teilen', 'Share'))(page);
  await press(both('Link machen', 'Make a link'))(page);
}
