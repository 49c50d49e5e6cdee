//! The journal failed. Nothing is admitted, nothing can be logged; the passage under way is still brought to its end, and
//! somebody outside is told of every alarm by another way than the door log.

use crate::Now;
use crate::alarm::Alarm;
use crate::doorkeeper::{After, Doorkeeper};
use crate::io::Output;
use crate::limits::DISTRESS_MS;
use crate::refusal::Refusal;
use crate::visit::Stage;
use alloc::vec::Vec;

impl Doorkeeper {
    pub(crate) fn journal_failed(&mut self, now: Now) {
        if !core::mem::replace(&mut self.journal_is_healthy, false) {
            return;
        }
        // A record after one that was lost would leave a gap that no later start could read.
        self.outputs.retain(|output| !matches!(output, Output::Append(_) | Output::Sync(_)));
        self.outputs.push_back(Output::Alarm { alarm: Alarm::JournalFailed, on: true });
        self.cry(now);
        for (_, after) in core::mem::take(&mut self.after) {
            match after {
                After::Say(Output::Kept { id, .. }) => {
                    let refused = Some(Refusal::JournalUnhealthy);
                    self.outputs.push_back(Output::Kept { id, refused });
                }
                After::Committed(visit) => {
                    if let Some(index) = self.index_of(visit)
                        && let Some(visit) = self.visits.get_mut(index)
                    {
                        visit.stage = Stage::Waiting;
                    }
                    self.refuse(now, visit, Refusal::JournalUnhealthy);
                }
                // A signed head, for instance: it may promise what is not durable.
                After::Say(_) | After::Looked { .. } => {}
            }
        }
    }

    pub(crate) fn cry_again(&mut self, now: Now) {
        if self.distress_due.is_some_and(|due| now.monotonic >= due) {
            self.cry(now);
        }
    }

    fn cry(&mut self, now: Now) {
        self.distress_due = Some(now.monotonic.plus_ms(DISTRESS_MS));
        let passage = self.under_way.iter().flat_map(|under_way| under_way.passage.alarms());
        let mut alarms: Vec<Alarm> =
            [Alarm::JournalFailed].into_iter().chain(self.alarms.iter().copied()).chain(passage).collect();
        alarms.sort_unstable();
        alarms.dedup();
        self.outputs.extend(alarms.into_iter().map(Output::Distress));
    }
}
