//! What the camera delivers, and the proofs that follow from it.

use super::Desk;
use crate::camera::{AccessUnit, CameraError, Inspector, Report};
use crate::recorder::now;
use crate::recorder::preroll::Picture;
use crate::recorder::wire::FromRecorder;
use protocol::bytes::Blob;
use recording::{GapReason, Init};
use std::sync::Arc;

impl Desk {
    pub(super) fn camera(&mut self, report: Report) {
        match report {
            Report::Connected => {
                self.freshness.reconnected();
                self.inspector = Inspector::default();
                self.awaits_keyframe = true;
            }
            Report::Unit(unit) => self.unit(unit),
            Report::Lost(CameraError::Unwanted) => {}
            Report::Lost(error) => {
                self.awaits_keyframe = true;
                self.gap_reason = match error {
                    CameraError::Silent | CameraError::Unwanted => GapReason::NoFrame,
                    CameraError::Unreachable(_) => GapReason::Disconnected,
                    CameraError::Protocol(_) | CameraError::NotH264(_) => GapReason::Unusable,
                };
                if let CameraError::NotH264(_) = &error {
                    let (code, sentence) = ("camera_not_h264".into(), error.to_string());
                    self.tell(FromRecorder::Finding { code, sentence });
                }
            }
        }
    }

    fn unit(&mut self, mut unit: AccessUnit) {
        if let Some(finding) = self.inspector.unit(&unit) {
            let (code, sentence) = (finding.code().into(), finding.to_string());
            self.tell(FromRecorder::Finding { code, sentence });
        }
        let said_lag_ms = now::unix_ms().saturating_sub(unit.captured_ms);
        let (captured_boot_ms, changes) =
            self.freshness.picture(unit.arrived_boot_ms, unit.rtp_ticks, said_lag_ms);
        self.signal(changes);
        let changes = self.freshness.change(unit.is_random_access_point, unit.unit.len());
        self.signal(changes);
        if let Some(init) = unit.init.take() {
            self.format(init);
        }
        if self.awaits_keyframe && !unit.is_random_access_point {
            return;
        }
        self.awaits_keyframe = false;
        let picture = Picture {
            captured_boot_ms,
            is_keyframe: unit.is_random_access_point,
            unit: Arc::from(unit.unit),
        };
        let mut failures = Vec::new();
        for reel in &mut self.reels {
            if let Err(error) = reel.picture(&picture, self.gap_reason, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
        self.show(&picture);
        self.gap_reason = GapReason::NoFrame;
        self.preroll.push(picture);
        self.begin_parts();
        self.begin_looks();
        self.prove();
    }

    /// The camera's decoder configuration. Another one than before needs a new part.
    fn format(&mut self, init: Init) {
        if self.init.as_ref() == Some(&init) {
            return;
        }
        self.init = Some(init);
        self.preroll.clear();
        self.awaits_keyframe = true;
        self.end_looks(|showing| !showing.waits());
        let mut failures = Vec::new();
        for reel in &mut self.reels {
            if let Err(error) = reel.end_part(self.gap_reason, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
    }

    /// Answers every request that is older than the picture that was just sealed.
    fn prove(&mut self) {
        let mut waiting = std::mem::take(&mut self.proofs);
        waiting.retain(|wanted| {
            let reel = self.reels.iter().rev().find(|reel| reel.grant == wanted.grant);
            match reel
                .and_then(|reel| reel.proof(self.door, wanted.answers, wanted.asked_boot_ms, &self.shelf.key))
            {
                Some(proof) => {
                    self.tell(FromRecorder::Proof(Blob(proof)));
                    false
                }
                None => true,
            }
        });
        self.proofs = waiting;
    }
}
