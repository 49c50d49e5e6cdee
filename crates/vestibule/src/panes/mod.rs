//! The demo in a terminal: four panes, one for each of those who take part, and the door between them.
//!
//! Owns the screen from [`View::start`] to [`View::finish`]: nothing else may write to standard output meanwhile, or to
//! standard error if that is the same terminal. Owns no facts: it shows what it is told, when it is told. Where there
//! is no terminal, or a small one, every event is a plain line.

mod cast;
mod door;
mod draw;
mod palette;
mod scene;

use std::io::{self, IsTerminal as _, Stdout, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::style::Stylize as _;
use ratatui::text::Span;
use ratatui::{Terminal, TerminalOptions, Viewport};

use cast::Person;
pub(crate) use cast::{Cast, Who};
pub(crate) use door::DoorPicture;
pub(crate) use palette::Colours;
pub(crate) use scene::Ending;
use scene::{Picture, Scene, tidy, time};

/// Smallest terminal for four panes, in columns and lines.
const PANES_MIN: (u16, u16) = (80, 24);
/// Lines of the panes and the state beneath, at most; more would only be empty.
const PANES_LINES_MAX: u16 = 29;

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Four panes.
    Panes(Colours),
    /// A line for each event.
    Plain,
    /// The same on standard error: standard output is for a program.
    PlainOnStandardError,
}

impl Mode {
    /// Panes in a terminal of at least 80 columns and 24 lines, lines everywhere else.
    pub(crate) fn detect() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let dumb = matches!(variable("TERM").as_deref(), None | Some("" | "dumb"));
        let large = ratatui::crossterm::terminal::size()
            .is_ok_and(|(columns, lines)| columns >= PANES_MIN.0 && lines >= PANES_MIN.1);
        if dumb || !large || !io::stdout().is_terminal() {
            return Self::Plain;
        }
        Self::Panes(Colours::from_environment(variable))
    }
}

/// The view. Can be shared: every call takes what it needs for a moment.
pub(crate) struct View {
    began: Instant,
    inner: Mutex<Inner>,
}

struct Inner {
    scene: Scene,
    screen: Screen,
}

type Panes = Terminal<CrosstermBackend<Stdout>>;

enum Screen {
    Panes(Box<Panes>, Colours),
    Plain(Box<dyn Write + Send>),
}

impl View {
    /// Begins, and counts time from here. A terminal that does not say where its cursor is gets plain lines.
    pub(crate) fn start(cast: Cast, mode: Mode) -> io::Result<Self> {
        let panes = match mode {
            Mode::Panes(colours) => open_panes().ok().map(|panes| Screen::Panes(Box::new(panes), colours)),
            Mode::Plain => None,
            Mode::PlainOnStandardError => Some(Screen::Plain(Box::new(io::stderr()))),
        };
        Self::on(cast, panes.unwrap_or_else(|| Screen::Plain(Box::new(io::stdout()))))
    }

    fn on(cast: Cast, screen: Screen) -> io::Result<Self> {
        let mut inner = Inner { scene: Scene::new(cast), screen };
        match inner.screen {
            Screen::Panes(..) => inner.redraw(),
            Screen::Plain(_) => inner.introduce()?,
        }
        Ok(Self { began: Instant::now(), inner: Mutex::new(inner) })
    }

    /// Something happened to, or was done by, one of the four. One sentence without a full stop.
    pub(crate) fn say(&self, who: Who, text: &str) {
        let (at, text) = (self.began.elapsed(), tidy(text));
        self.with(|inner| {
            inner.line(at, who.word(), &text);
            inner.scene.push(who, at, text);
            true
        });
    }

    /// What is known of the door now.
    pub(crate) fn door(&self, door: DoorPicture) {
        let at = self.began.elapsed();
        self.with(|inner| {
            if inner.scene.door == door {
                return false;
            }
            inner.scene.door = door;
            inner.line(at, Who::Home.word(), door.sentence());
            true
        });
    }

    /// Age of the picture that the resident has in sight; `None` without one. Can be called at any rate.
    pub(crate) fn picture_age(&self, age: Option<Duration>) {
        let at = self.began.elapsed();
        self.with(|inner| {
            let (old, new) = (inner.scene.picture, Picture::of(age));
            if std::mem::discriminant(&old) != std::mem::discriminant(&new) {
                inner.line(at, Who::Resident.word(), &new.sentence());
            }
            inner.scene.picture = new;
            old.sentence() != new.sentence()
        });
    }

    /// Where the delivery stands: the line beneath the panes.
    pub(crate) fn state(&self, text: &str) {
        let (at, text) = (self.began.elapsed(), tidy(text));
        self.with(|inner| {
            if inner.scene.state == text {
                return false;
            }
            inner.line(at, "", &text);
            inner.scene.state = text;
            true
        });
    }

    /// The end of the play. The panes stay as they are, the last line under them, then how to go on by hand: what to
    /// type, and what it does. Whatever is said afterwards appears as plain lines.
    pub(crate) fn finish(
        &self,
        ending: Ending,
        last_line: &str,
        commands: &[(&str, &str)],
    ) -> io::Result<()> {
        let at = self.began.elapsed();
        let last_line = tidy(last_line);
        let mut inner = self.lock();
        inner.line(at, "", &last_line);
        inner.scene.state = last_line;
        inner.scene.ending = Some(ending);
        inner.redraw();
        let (colours, mut out): (_, Box<dyn Write + Send>) =
            match std::mem::replace(&mut inner.screen, Screen::Plain(Box::new(io::sink()))) {
                Screen::Panes(panes, colours) => {
                    drop(panes);
                    // From the end of the state line.
                    let mut out = io::stdout();
                    writeln!(out)?;
                    (colours, Box::new(out))
                }
                Screen::Plain(out) => (Colours::None, out),
            };
        write_commands(&mut out, colours, commands)?;
        inner.screen = Screen::Plain(out);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the scene; `change` says whether that can be seen.
    fn with(&self, change: impl FnOnce(&mut Inner) -> bool) {
        let mut inner = self.lock();
        if change(&mut inner) {
            inner.redraw();
        }
    }
}

impl Inner {
    fn redraw(&mut self) {
        let Screen::Panes(panes, colours) = &mut self.screen else { return };
        let (scene, colours) = (&self.scene, *colours);
        if panes.draw(|frame| draw::draw(frame, scene, colours)).is_err() {
            // The terminal went away, or no longer answers. The play goes on.
            self.screen = Screen::Plain(Box::new(io::stdout()));
        }
    }

    /// In plain mode only. A reader who went away must not end the play.
    fn line(&mut self, at: Duration, who: &str, text: &str) {
        if let Screen::Plain(out) = &mut self.screen {
            let _ = writeln!(out, "{}  {who:<8}  {text}", time(at)).and_then(|()| out.flush());
        }
    }

    fn introduce(&mut self) -> io::Result<()> {
        let Screen::Plain(out) = &mut self.screen else { return Ok(()) };
        for who in Who::ALL {
            let Person { fingerprint, knows, cannot } = self.scene.cast.person(who);
            writeln!(out, "{:<8}  key {fingerprint}. Knows {knows}. Cannot {cannot}.", who.word())?;
        }
        writeln!(out)?;
        out.flush()
    }
}

fn open_panes() -> io::Result<Panes> {
    let (_, lines) = ratatui::crossterm::terminal::size()?;
    let viewport = Viewport::Inline(PANES_LINES_MAX.min(lines.saturating_sub(1)));
    Terminal::with_options(CrosstermBackend::new(io::stdout()), TerminalOptions { viewport })
}

/// `command   what it does`, aligned.
fn write_commands(out: &mut dyn Write, colours: Colours, commands: &[(&str, &str)]) -> io::Result<()> {
    let width = commands.iter().map(|(command, _)| Span::raw(*command).width()).max().unwrap_or(0);
    writeln!(out)?;
    for (command, what) in commands {
        let padding = " ".repeat(width.saturating_sub(Span::raw(*command).width()));
        match colours {
            Colours::None => writeln!(out, "  {command}{padding}   {what}")?,
            _ => writeln!(out, "  {}{padding}   {what}", command.bold())?,
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests;
