//! From a scene to a frame of the terminal.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Padding, Paragraph};

use super::cast::Who;
use super::door;
use super::palette::{Colours, Tone};
use super::scene::{Ending, Event, Picture, Scene, time};

/// Below this width the panes stand in one column.
const TWO_COLUMNS_MIN: u16 = 64;
/// Columns of `knows` and `cannot`, with the space behind.
const LABEL_COLUMNS: usize = 7;
/// Columns of a time, with the space behind.
const TIME_COLUMNS: usize = 7;
/// Lines that one event may take.
const EVENT_LINES_MAX: usize = 3;
/// Columns between the events and the door.
const DOOR_GAP: u16 = 2;

/// Four panes, and a line of state beneath.
pub(super) fn draw(frame: &mut Frame<'_>, scene: &Scene, colours: Colours) {
    let area = frame.area();
    let [panes, state] = area.layout(&Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]));
    let areas: [Rect; 4] = if area.width >= TWO_COLUMNS_MIN {
        let [top, bottom] = panes.layout(&Layout::vertical([Constraint::Fill(1); 2]));
        let halves = Layout::horizontal([Constraint::Fill(1); 2]);
        let [resident, courier] = top.layout(&halves);
        let [provider, home] = bottom.layout(&halves);
        [resident, courier, provider, home]
    } else {
        panes.layout(&Layout::vertical([Constraint::Fill(1); 4]))
    };
    for (who, area) in Who::ALL.into_iter().zip(areas) {
        pane(frame, area, scene, who, colours);
    }
    state_line(frame, state, scene, colours);
}

fn pane(frame: &mut Frame<'_>, area: Rect, scene: &Scene, who: Who, colours: Colours) {
    let quiet = colours.style(Tone::Quiet);
    let person = scene.cast.person(who);
    let mut block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(quiet)
        .padding(Padding::horizontal(1))
        .title_top(Line::from(Span::styled(format!(" {} ", who.title()), Style::reset().bold())))
        .title_top(Line::from(Span::styled(format!(" key {} ", person.fingerprint), quiet)).right_aligned());
    if who == Who::Resident {
        let tone = match scene.picture {
            Picture::None => Tone::Quiet,
            Picture::Live(_) => Tone::Calm,
            Picture::Frozen(_) => Tone::Alarm,
        };
        let sentence = format!(" {} ", scene.picture.sentence());
        block = block.title_bottom(Line::from(Span::styled(sentence, colours.style(tone))).right_aligned());
    }
    let inner = block.inner(area);
    let width = usize::from(inner.width);
    let mut facts = labelled("knows", quiet, person.knows, LABEL_COLUMNS, width);
    facts.extend(labelled("cannot", quiet, person.cannot, LABEL_COLUMNS, width));
    facts.push(Line::default());
    let lines = u16::try_from(facts.len()).unwrap_or(u16::MAX);
    let [above, mut below] =
        inner.layout(&Layout::vertical([Constraint::Length(lines), Constraint::Fill(1)]));
    if who == Who::Home {
        if below.height >= door::HEIGHT && below.width > 2 * door::WIDTH {
            let columns =
                [Constraint::Fill(1), Constraint::Length(DOOR_GAP), Constraint::Length(door::WIDTH)];
            let [events, _, picture] = below.layout(&Layout::horizontal(columns));
            drawn_door(frame, picture, scene, colours);
            below = events;
        } else {
            let word = format!(" door {} ", scene.door.word());
            let word = Span::styled(word, colours.style(scene.door.tone()));
            block = block.title_bottom(Line::from(word).right_aligned());
        }
    }
    frame.render_widget(block, area);
    frame.render_widget(Paragraph::new(facts), above);
    frame.render_widget(Paragraph::new(newest(scene, who, below, quiet)), below);
}

/// The newest events that fit, oldest first.
fn newest(scene: &Scene, who: Who, area: Rect, quiet: Style) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for Event { at, text } in scene.events(who).iter().rev() {
        let mut event = labelled(&time(*at), quiet, text, TIME_COLUMNS, usize::from(area.width));
        event.truncate(EVENT_LINES_MAX);
        if lines.len() + event.len() > usize::from(area.height) {
            break;
        }
        event.append(&mut lines);
        lines = event;
    }
    lines
}

/// The door stands at the bottom of the pane, its word beneath.
fn drawn_door(frame: &mut Frame<'_>, area: Rect, scene: &Scene, colours: Colours) {
    let style = colours.style(scene.door.tone());
    let mut lines: Vec<Line<'_>> =
        scene.door.lines().into_iter().map(|line| Line::styled(line, style)).collect();
    lines.push(Line::styled(scene.door.word(), style.bold()).centered());
    let [_, bottom] = area.layout(&Layout::vertical([Constraint::Fill(1), Constraint::Length(door::HEIGHT)]));
    frame.render_widget(Paragraph::new(lines), bottom);
}

/// The cursor waits behind the state, so that a shell's prompt comes below the panes however the program ends.
fn state_line(frame: &mut Frame<'_>, area: Rect, scene: &Scene, colours: Colours) {
    let style = match scene.ending {
        None => Style::new(),
        Some(Ending::Kept) => colours.style(Tone::Calm).bold(),
        Some(Ending::Broken) => colours.style(Tone::Alarm).bold(),
    };
    let line = Line::from(vec![Span::raw("  "), Span::styled(scene.state.as_str(), style)]);
    let end = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
    frame.render_widget(Paragraph::new(line), area);
    frame.set_cursor_position(Position::new(area.x.saturating_add(end), area.y));
}

/// A label, then text that hangs behind it.
fn labelled(label: &str, style: Style, text: &str, indent: usize, width: usize) -> Vec<Line<'static>> {
    let wrapped = wrap(text, width.saturating_sub(indent).max(1));
    let first = format!("{label:<indent$}");
    let labels = std::iter::once(first).chain(std::iter::repeat(" ".repeat(indent)));
    labels
        .zip(wrapped)
        .map(|(label, text)| Line::from(vec![Span::styled(label, style), Span::raw(text)]))
        .collect()
}

/// Breaks at spaces; a word that is too long is broken where the line ends.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut columns = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = Span::raw(word).width();
        let space = usize::from(columns > 0);
        if columns > 0 && columns + space + length > width {
            lines.push(String::new());
            columns = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        if columns > 0 {
            line.push(' ');
            columns += 1;
        }
        columns += length;
        line.push_str(word);
        if columns > width {
            let all: Vec<char> = lines.pop().unwrap_or_default().chars().collect();
            lines.extend(all.chunks(width).map(String::from_iter));
            columns = lines.last().map_or(0, |line| Span::raw(line.as_str()).width());
        }
    }
    lines
}

#[cfg(test)]
mod tests;
