//! As much of Markdown as the rules need: links, code spans, fenced blocks, headings.
//!
//! Not a parser: a span or a link is looked for within one line.

/// A piece of a page with the line it is on, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
}

#[derive(Default)]
pub(super) struct Page<'a> {
    /// What stands between backticks.
    pub(super) spans: Vec<Piece<'a>>,
    /// Lines of fenced blocks.
    pub(super) fenced: Vec<Piece<'a>>,
    /// Where links and pictures lead.
    pub(super) links: Vec<Piece<'a>>,
    /// Headings of any depth, without the marks.
    pub(super) headings: Vec<Piece<'a>>,
}

impl<'a> Page<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let mut page = Self::default();
        let mut fence: Option<&str> = None;
        for (index, whole) in text.lines().enumerate() {
            let line = index + 1;
            let trimmed = whole.trim_start();
            if let Some(mark) = fence {
                if trimmed.starts_with(mark) {
                    fence = None;
                } else {
                    page.fenced.push(Piece { line, text: whole });
                }
            } else if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
                fence = Some(mark);
            } else {
                if let Some((marks, heading)) = whole.split_once(' ')
                    && !marks.is_empty()
                    && marks.chars().all(|c| c == '#')
                {
                    page.headings.push(Piece { line, text: heading.trim() });
                }
                page.prose(line, whole);
            }
        }
        page
    }

    fn prose(&mut self, line: usize, text: &'a str) {
        let mut rest = text;
        while let Some(start) = rest.find(['`', ']', '"']) {
            let (before, here) = rest.split_at(start);
            if here.starts_with('`') {
                let ticks = here.len() - here.trim_start_matches('`').len();
                let (open, inner) = here.split_at(ticks);
                let Some(end) = inner.find(open) else { return };
                self.spans.push(Piece { line, text: inner[..end].trim() });
                rest = &inner[end + ticks..];
                continue;
            }
            let (after, close) = if let Some(after) = here.strip_prefix("](") {
                (after, ')')
            } else if let Some(after) = here.strip_prefix("]:").filter(|_| before.starts_with('[')) {
                (after, '\n')
            } else if here.starts_with('"') && (before.ends_with("href=") || before.ends_with("src=")) {
                (&here[1..], '"')
            } else {
                rest = &here[1..];
                continue;
            };
            let end = after.find(close).unwrap_or(after.len());
            if let Some(target) = after[..end].split_whitespace().next() {
                self.links.push(Piece { line, text: target.trim_matches(['<', '>']) });
            }
            rest = &after[end..];
        }
    }
}

/// The fragment under which a heading is found on the usual forges.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(pieces: &[Piece<'a>]) -> Vec<&'a str> {
        pieces.iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn finds_spans_links_and_headings_but_not_inside_fences() {
        let page = Page::parse(
            "# The `hub`\nsee `a/b.rs` and [it](c.md \"title\"), ``x ` y``\n```sh\n./x demo [no](no.md)\n```\n[ref]: d.md\n\
             <img src=\"e.svg\">\n",
        );
        assert_eq!(texts(&page.spans), ["hub", "a/b.rs", "x ` y"]);
        assert_eq!(texts(&page.links), ["c.md", "d.md", "e.svg"]);
        assert_eq!(texts(&page.headings), ["The `hub`"]);
        assert_eq!(page.fenced, [Piece { line: 4, text: "./x demo [no](no.md)" }]);
    }

    #[test]
    fn a_link_whose_text_is_code_is_both() {
        let page = Page::parse("[`a.rs`](src/a.rs)");
        assert_eq!((texts(&page.spans), texts(&page.links)), (vec!["a.rs"], vec!["src/a.rs"]));
    }

    #[test]
    fn slugs_are_those_of_the_forge() {
        assert_eq!(slug("Who, together, can open `it`?"), "who-together-can-open-it");
    }
}
