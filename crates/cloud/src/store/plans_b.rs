//! Plan B: a home's ladder, and those for single consignments.

use super::{About, Store, StoreError, fixed};
use crate::clock::now_ms;
use protocol::bytes::HomeId;
use protocol::left::Rung;
use sqlx::{query, query_as};
use std::collections::HashMap;

/// What counts while nobody of a home has chosen: no rung that gives a parcel to somebody, or leaves it in the open.
pub(crate) const UNCHOSEN: [Rung; 2] = [Rung::Locker, Rung::Again];

/// The ladders of one home.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlansB {
    /// The home's default; none while nobody has chosen.
    pub(crate) chosen: Option<Vec<Rung>>,
    of: HashMap<[u8; 16], Vec<Rung>>,
}

impl PlansB {
    /// The home's default, chosen or not.
    pub(crate) fn of_home(&self) -> &[Rung] {
        self.chosen.as_deref().unwrap_or(&UNCHOSEN)
    }

    /// The ladder that was chosen for this consignment alone.
    pub(crate) fn own(&self, consignment: [u8; 16]) -> Option<&[Rung]> {
        self.of.get(&consignment).map(Vec::as_slice)
    }

    /// The ladder of this consignment: its own, or the home's.
    pub(crate) fn of(&self, consignment: [u8; 16]) -> &[Rung] {
        self.own(consignment).unwrap_or_else(|| self.of_home())
    }

    /// One ladder for several consignments in one pair of hands: what counts for all of them, in the order of the first.
    pub(crate) fn together(&self, consignments: &[[u8; 16]]) -> Vec<Rung> {
        let Some((first, others)) = consignments.split_first() else { return self.of_home().to_vec() };
        let counts = |rung: &Rung| others.iter().all(|other| self.of(*other).contains(rung));
        let rungs: Vec<Rung> = self.of(*first).iter().copied().filter(counts).collect();
        if rungs.is_empty() { vec![Rung::Again] } else { rungs }
    }
}

/// The key of the home's default.
const DEFAULT: &[u8] = &[];

impl Store {
    /// Keeps a ladder for one consignment, or as the home's default.
    pub(crate) async fn put_plan_b(
        &self,
        home: HomeId,
        consignment: Option<[u8; 16]>,
        rungs: &[Rung],
    ) -> Result<(), StoreError> {
        let rungs = rungs.iter().map(|rung| rung.name()).collect::<Vec<_>>().join(",");
        let statement = query(
            "INSERT INTO plans_b (tenant, home, consignment, rungs, set_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, home, consignment) \
             DO UPDATE SET rungs = excluded.rungs, set_ms = excluded.set_ms",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(consignment.as_ref().map_or(DEFAULT, |id| &id[..]))
        .bind(rungs)
        .bind(now_ms());
        self.execute_shown(About::Home(home), statement).await?;
        Ok(())
    }

    /// Forgets what was chosen for one consignment: the home's default counts again.
    pub(crate) async fn delete_plan_b(&self, home: HomeId, consignment: [u8; 16]) -> Result<(), StoreError> {
        let sql = "DELETE FROM plans_b WHERE tenant = $1 AND home = $2 AND consignment = $3";
        let statement = query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&consignment[..]);
        self.execute_shown(About::Home(home), statement).await?;
        Ok(())
    }

    /// The ladders of one home: its default, and those of as many consignments as are listed.
    pub(crate) async fn plans_b(&self, home: HomeId) -> Result<PlansB, StoreError> {
        let sql = "SELECT consignment, rungs FROM plans_b WHERE tenant = $1 AND home = $2 \
                   ORDER BY length(consignment), set_ms DESC LIMIT 501";
        let rows: Vec<(Vec<u8>, String)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        let mut plans = PlansB::default();
        for (consignment, rungs) in rows {
            let rungs = rungs.split(',').map(Rung::named).collect::<Option<Vec<_>>>();
            let rungs = rungs.ok_or(StoreError::Corrupt("rungs"))?;
            if consignment.is_empty() {
                plans.chosen = Some(rungs);
            } else {
                plans.of.insert(fixed(&consignment, "consignment")?, rungs);
            }
        }
        Ok(plans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_in_one_pair_of_hands_go_only_where_each_of_them_may() {
        let (a, b, c) = ([1; 16], [2; 16], [3; 16]);
        let mut plans = PlansB { chosen: Some(vec![Rung::Neighbour, Rung::Locker]), ..PlansB::default() };
        plans.of.insert(b, vec![Rung::Locker, Rung::Doorstep, Rung::Neighbour]);
        plans.of.insert(c, vec![Rung::Doorstep]);
        assert_eq!(plans.together(&[]), [Rung::Neighbour, Rung::Locker]);
        assert_eq!(plans.together(&[a, b]), [Rung::Neighbour, Rung::Locker]);
        assert_eq!(plans.together(&[b, a]), [Rung::Locker, Rung::Neighbour]);
        assert_eq!(plans.together(&[a, c]), [Rung::Again], "nothing that counts for both: nobody gets it");
    }

    #[test]
    fn a_home_that_never_chose_gives_nothing_to_a_neighbour() {
        assert_eq!(PlansB::default().of([1; 16]), UNCHOSEN);
    }
}
