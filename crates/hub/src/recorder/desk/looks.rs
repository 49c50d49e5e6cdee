//! Looks, as the hub orders them. Whatever happens to hub, camera or network ends one; nothing begins it again.

use super::{Desk, SHOWING_MAX};
use crate::recorder::now;
use crate::recorder::preroll::Picture;
use crate::recorder::showing::{NotShown, Showing};
use protocol::Kid;
use protocol::bytes::RecordingId;
use recording::Recipient;

impl Desk {
    pub(super) fn look(&mut self, stream: RecordingId, camera: Kid, recipient: Recipient, ms: u64) {
        if camera != self.shelf.key.kid() {
            return self.fail("A look is meant for another camera than this recorder's.".into());
        }
        if self.showing.len() >= SHOWING_MAX {
            return self.fail("Too many look at once.".into());
        }
        self.preroll.expire(now::boot_ms());
        self.showing.push(Showing::new(stream, recipient, ms));
        self.begin_looks();
    }

    /// Shows it wherever somebody waits for the first picture.
    pub(super) fn begin_looks(&mut self) {
        let Some(init) = self.init.clone() else { return };
        let (preroll, shelf) = (&self.preroll, &self.shelf);
        let by = (&*shelf.outbox, &shelf.key, shelf.camera.as_str());
        let begin = |showing: &mut Showing| showing.waits().then(|| showing.begin(&init, preroll, by));
        let failed = each(&mut self.showing, begin);
        self.end_failed(failed);
    }

    pub(super) fn show(&mut self, picture: &Picture) {
        let outbox = &self.shelf.outbox;
        let failed = each(&mut self.showing, |showing| Some(showing.picture(picture, outbox)));
        self.end_failed(failed);
    }

    fn end_failed(&mut self, failed: Vec<(RecordingId, NotShown)>) {
        for (stream, why) in failed {
            self.fail(format!("The camera is shown no longer: {why}."));
            self.end_looks(|showing| showing.stream == stream);
        }
    }

    pub(super) fn end_looks(&mut self, is_over: impl Fn(&Showing) -> bool) {
        for showing in self.showing.extract_if(.., |showing| is_over(showing)) {
            showing.end(&self.shelf.outbox);
        }
    }
}

fn each(
    all: &mut [Showing],
    mut act: impl FnMut(&mut Showing) -> Option<Result<(), NotShown>>,
) -> Vec<(RecordingId, NotShown)> {
    let failed = all.iter_mut().filter_map(|showing| Some((showing.stream, act(showing)?.err()?)));
    failed.collect()
}
