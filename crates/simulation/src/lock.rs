//! A model of the lock, its driver, the door and its contact. What the driver keeps to is what the conformance suite of
//! `hub` holds the real ones to: a command is dropped at its deadline, and what is offline is unknown.

use crate::chance::Chance;
use crate::fault::Fault;
use crate::world::{Event, HubHears, World};
use doorkeeper::sensors::{Bolt, Door};
use hub::lock::{Command, Report, Why};
use protocol::time::Monotonic;

/// Where the bolt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Thrown,
    Withdrawn,
    /// Half out: the door does not open, and is not locked.
    Stuck,
}

/// The lock and the door in the flesh.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent moods, not a state")]
pub(crate) struct Lock {
    pub(crate) bolt: Position,
    pub(crate) is_open: bool,
    /// Since when the door has been in its frame.
    pub(crate) shut_since: u64,
    /// When bolt or door last moved.
    pub(crate) moved: u64,
    /// What the lock says of its bolt, if that is not the truth.
    pub(crate) claims: Option<Bolt>,
    pub(crate) is_online: bool,
    pub(crate) flickers: bool,
    pub(crate) smoke: bool,
    reports_motion: bool,
    target: Position,
    run: u32,
    is_moving: bool,
    jams: u8,
    lies: u8,
    slow: bool,
    pub(crate) silent: bool,
    dead: bool,
    stalls_until: u64,
    reported: u64,
}

impl Lock {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        Self {
            bolt: Position::Thrown,
            is_open: false,
            shut_since: 0,
            moved: 0,
            claims: None,
            is_online: true,
            flickers: false,
            smoke: false,
            reports_motion: chance.percent(50),
            target: Position::Thrown,
            run: 0,
            is_moving: false,
            jams: 0,
            lies: 0,
            slow: false,
            silent: false,
            dead: false,
            stalls_until: 0,
            reported: 0,
        }
    }

    /// What the lock says of its bolt, when it speaks.
    pub(crate) fn says(&self) -> Bolt {
        let truth = match (self.is_moving, self.bolt, self.target) {
            (true, _, Position::Withdrawn) => Bolt::Unlocking,
            (true, _, _) => Bolt::Locking,
            (false, Position::Thrown, _) => Bolt::Locked,
            (false, Position::Withdrawn, _) => Bolt::Unlocked,
            (false, Position::Stuck, _) => Bolt::Jammed,
        };
        self.claims.unwrap_or(truth)
    }

    pub(crate) const fn contact(&self) -> Door {
        match (self.flickers, self.is_open) {
            (true, _) => Door::Unknown,
            (false, true) => Door::Open,
            (false, false) => Door::Closed,
        }
    }

    /// Bolt and door, in truth.
    pub(crate) fn is_secure(&self) -> bool {
        self.bolt == Position::Thrown && !self.is_open
    }
}

impl World {
    fn report(&mut self, report: Report) {
        if !self.lock.is_online {
            return;
        }
        let at = (self.now + self.chance.between(10, 120)).max(self.lock.reported);
        self.lock.reported = at;
        self.queue.push(at, Event::Hub(HubHears::Lock(report)));
    }

    fn report_bolt(&mut self) {
        if !self.lock.silent && !self.lock.dead {
            self.report(Report::Bolt(self.lock.says()));
        }
    }

    fn report_door(&mut self) {
        self.report(Report::Door(self.lock.contact()));
    }

    /// After a start of the hub, or when the link is back: everything that is known.
    pub(crate) fn lock_speaks_up(&mut self, at: u64) {
        if !self.lock.is_online {
            return;
        }
        self.lock.reported = self.lock.reported.max(at);
        let at = self.lock.reported;
        let mut reports = vec![Report::Online(true), Report::Door(self.lock.contact())];
        if !self.lock.silent && !self.lock.dead {
            reports.insert(1, Report::Bolt(self.lock.says()));
        }
        reports.push(Report::Smoke(self.lock.smoke));
        for report in reports {
            self.queue.push(at, Event::Hub(HubHears::Lock(report)));
        }
    }

    /// A command of the hub reaches the driver.
    pub(crate) fn lock_commanded(&mut self, command: Command, deadline: Monotonic) {
        if !self.lock.is_online {
            return self.undone(command, Why::Offline);
        }
        let passed_on = self.now.max(self.lock.stalls_until) + self.chance.between(10, 80);
        let boot = self.hub.boots;
        self.queue.push(passed_on, Event::LockGets { command, deadline, sent: self.now, boot });
    }

    fn undone(&mut self, command: Command, why: Why) {
        self.tell("lock", || format!("drops {command:?}: {why}"));
        self.queue.push(self.now, Event::Hub(HubHears::Lock(Report::Undone(command, why))));
    }

    /// The driver passes a command on, if it is still its time.
    pub(crate) fn lock_gets(&mut self, command: Command, deadline: Monotonic, sent: u64, boot: u8) {
        if boot != self.hub.boots || !self.hub.is_running() {
            // The driver is a part of the hub, and died with it.
            return;
        }
        if !self.lock.is_online {
            return self.undone(command, Why::Offline);
        }
        if self.hub.monotonic_at(self.now) >= deadline {
            return self.undone(command, Why::Expired);
        }
        if self.lock.dead || command == Command::Chime {
            return;
        }
        self.lock.target = if command == Command::Unlock { Position::Withdrawn } else { Position::Thrown };
        if command == Command::Lock && self.lock.lies > 0 && self.lock.bolt == Position::Withdrawn {
            self.lock.lies -= 1;
            self.lock.claims = Some(Bolt::Locked);
            self.tell("lock", || "does not move, and says that it locked".to_owned());
            return self.report_bolt();
        }
        self.start_motor(Some(sent));
    }

    fn start_motor(&mut self, sent: Option<u64>) {
        self.lock.claims = None;
        self.lock.run += 1;
        self.lock.is_moving = true;
        if self.lock.reports_motion {
            self.report_bolt();
        }
        let ms =
            if self.lock.slow { self.chance.between(5_000, 9_000) } else { self.chance.between(500, 1_800) };
        self.queue.push(self.now + ms, Event::Motor { run: self.lock.run });
        if self.lock.target == Position::Withdrawn
            && let Some(sent) = sent
        {
            // The motor is under way from here on.
            self.oracle.bolt_withdraws(self.now, sent);
        }
    }

    pub(crate) fn motor_stops(&mut self, run: u32) {
        if run != self.lock.run || !self.lock.is_moving {
            return;
        }
        self.lock.is_moving = false;
        let jams =
            self.lock.target == Position::Thrown && self.lock.jams > 0 && self.lock.bolt != Position::Thrown;
        self.lock.bolt = if jams { Position::Stuck } else { self.lock.target };
        self.lock.jams -= u8::from(jams);
        self.lock.moved = self.now;
        let bolt = self.lock.bolt;
        self.tell("lock", || format!("bolt is {bolt:?}"));
        self.report_bolt();
    }

    /// Somebody moves the bolt by hand: key, or thumb turn.
    fn turn(&mut self, to: Position) {
        self.lock.run += 1;
        self.lock.is_moving = false;
        self.lock.claims = None;
        self.lock.bolt = to;
        self.lock.moved = self.now;
        self.report_bolt();
    }

    pub(crate) fn key_turns(&mut self, locks: bool) {
        if self.lock.is_open {
            return;
        }
        self.tell("people", || if locks { "lock with the key" } else { "unlock with the key" }.to_owned());
        self.oracle.key();
        self.turn(if locks { Position::Thrown } else { Position::Withdrawn });
    }

    pub(crate) fn key_door(&mut self, open: bool) {
        if open && self.lock.bolt == Position::Withdrawn && !self.lock.is_open {
            self.oracle.key();
            self.door_moves(true);
        } else if !open && self.lock.is_open && self.visitors.iter().all(|visitor| !visitor.is_inside()) {
            self.door_moves(false);
        }
    }

    pub(crate) fn door_moves(&mut self, open: bool) {
        self.lock.is_open = open;
        self.lock.moved = self.now;
        if !open {
            self.lock.shut_since = self.now;
        }
        self.tell("door", || if open { "opens" } else { "shuts" }.to_owned());
        self.oracle.door_moves();
        self.report_door();
    }

    pub(crate) fn neighbour_shuts_the_door(&mut self) {
        if self.lock.is_open && self.visitors.iter().all(|visitor| !visitor.is_inside()) {
            self.tell("people", || "somebody pulls the door shut".to_owned());
            self.door_moves(false);
        }
    }

    /// What a fault of the lock begins with; true if it was one.
    pub(crate) fn lock_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::LockJams => self.lock.jams = u8::try_from(self.chance.between(1, 4)).unwrap_or(1),
            Fault::LockLies => self.lock.lies = 1,
            Fault::LockSlow => self.lock.slow = true,
            Fault::LockStalls => self.lock.stalls_until = self.now + self.chance.between(600, 6_000),
            Fault::LockSilent => {
                // What it said last is what the hub believes.
                self.lock.silent = true;
                self.heals_in(fault, 5_000, 40_000);
            }
            Fault::LockDead => {
                self.lock.dead = true;
                self.heals_in(fault, 5_000, 60_000);
            }
            Fault::LockReopens => {
                self.oracle.key();
                self.lock.target = Position::Withdrawn;
                self.start_motor(None);
            }
            Fault::LockOffline => {
                for report in
                    [Report::Bolt(Bolt::Unknown), Report::Door(Door::Unknown), Report::Online(false)]
                {
                    self.report(report);
                }
                self.lock.is_online = false;
                self.heals_in(fault, 1_000, 20_000);
            }
            Fault::ContactFlickers => {
                self.lock.flickers = true;
                self.report_door();
                self.heals_in(fault, 300, 9_000);
            }
            Fault::Smoke => {
                self.lock.smoke = true;
                self.report(Report::Smoke(true));
                self.heals_in(fault, 3_000, 20_000);
            }
            Fault::KeyOpens => self.somebody_comes_with_a_key(),
            _ => return false,
        }
        true
    }

    fn somebody_comes_with_a_key(&mut self) {
        self.queue.push(self.now, Event::KeyTurns { locks: false });
        let goes_in = self.now + self.chance.between(600, 1_500);
        let shuts = goes_in + self.chance.between(1_000, 6_000);
        self.queue.push(goes_in, Event::KeyDoor { open: true });
        self.queue.push(shuts, Event::KeyDoor { open: false });
        if self.chance.percent(70) {
            let locks = shuts + self.chance.between(500, 2_500);
            self.queue.push(locks, Event::KeyTurns { locks: true });
        }
    }

    pub(crate) fn lock_heals(&mut self, fault: Fault) {
        match fault {
            Fault::LockJams => self.lock.jams = 0,
            Fault::LockLies => self.lock.lies = 0,
            Fault::LockSlow => self.lock.slow = false,
            Fault::LockStalls => self.lock.stalls_until = 0,
            Fault::LockSilent if self.lock.silent => {
                self.lock.silent = false;
                self.report_bolt();
            }
            Fault::LockDead if self.lock.dead => {
                self.lock.dead = false;
                self.report_bolt();
            }
            Fault::LockOffline if !self.lock.is_online => {
                self.lock.is_online = true;
                self.lock_speaks_up(self.now + 50);
            }
            Fault::ContactFlickers if self.lock.flickers => {
                self.lock.flickers = false;
                self.report_door();
            }
            Fault::Smoke if self.lock.smoke => {
                self.lock.smoke = false;
                self.report(Report::Smoke(false));
            }
            _ => {}
        }
    }
}
