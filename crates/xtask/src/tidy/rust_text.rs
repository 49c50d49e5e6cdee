//! As much of Rust's grammar as the rules need: what is comment or literal, and where functions begin and end.

/// The source with every comment, string and character literal blanked; line breaks stay where they were.
pub(super) fn mask(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let blank = blank_length(rest, after_word);
        if blank == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..blank].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[blank..];
        }
    }
    out
}

/// Bytes of the comment or literal at the start of `text`, or 0.
fn blank_length(text: &str, after_word: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment_length(text);
    }
    if text.starts_with('"') {
        return quoted_length(text, '"');
    }
    if text.starts_with('\'') {
        return character_length(text);
    }
    if after_word {
        return 0;
    }
    let prefix = text.len() - text.trim_start_matches(['b', 'c']).len();
    if prefix <= 1 {
        let raw = &text[prefix..];
        if raw.starts_with("r\"") || raw.starts_with("r#") {
            let hashes = raw[1..].len() - raw[1..].trim_start_matches('#').len();
            let open = prefix + 1 + hashes;
            if text[open..].starts_with('"') {
                let close = format!("\"{}", "#".repeat(hashes));
                return text[open + 1..].find(&close).map_or(text.len(), |end| open + 1 + end + close.len());
            }
        }
    }
    0
}

fn block_comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text.as_bytes()[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text.as_bytes()[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A quote begins a character if one closes it, and a lifetime otherwise.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => quoted_length(text, '\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// From 1.
    pub(super) line: usize,
    /// From the line with `fn` to the one with the closing brace, both counted.
    pub(super) lines: usize,
}

/// All functions with a body, in masked source.
pub(super) fn functions(masked: &str) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (start, _) in words(masked).filter(|&(_, word)| word == "fn") {
        let signature = &masked[start + 2..];
        let name_at = signature.len() - signature.trim_start().len();
        let name_end = name_at + word_length(&signature[name_at..]);
        let name = &signature[name_at..name_end];
        if name.is_empty() {
            continue; // the type of a function pointer
        }
        if let Some(end) = body_end(&masked[start..]) {
            let line = line_of(masked, start);
            found.push(Function { name, line, lines: masked[start..start + end].matches('\n').count() + 1 });
        }
    }
    found
}

/// Every identifier or keyword with its position.
pub(super) fn words(masked: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &masked[at..];
        let start = at + rest.find(|c: char| c.is_alphanumeric() || c == '_')?;
        at = start + word_length(&masked[start..]);
        Some((start, &masked[start..at]))
    })
}

pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Bytes up to and with the brace that closes the body; `None` for a declaration without one.
fn body_end(text: &str) -> Option<usize> {
    let (mut parentheses, mut braces) = (0_i32, 0_i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' if braces == 0 => parentheses += 1,
            ')' | ']' if braces == 0 => parentheses -= 1,
            ';' if braces == 0 && parentheses == 0 => return None,
            '{' if parentheses == 0 => braces += 1,
            '}' if parentheses == 0 => {
                braces -= 1;
                if braces == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_comments_and_literals_and_keeps_lines() {
        let source =
            "a // }\n/* { /* } */ { */ b \"}\\\"{\" r#\"\"}\"# '{' '\\'' x<'a> br\"{\"\n\"two\nlines\" c";
        let masked = mask(source);
        assert!(!masked.contains(['{', '}']), "{masked}");
        assert_eq!(masked.matches('\n').count(), source.matches('\n').count());
        let kept: Vec<_> = masked.split_whitespace().collect();
        assert_eq!(kept, ["a", "b", "x<'a>", "c"]);
    }

    #[test]
    fn measures_functions_and_skips_declarations_and_pointers() {
        let source = "trait T { fn declared(&self, b: [u8; 2]); }\nfn one() {}\nfn three(f: fn(u8)) -> [u8; 2] {\n  if true { }\n}\n";
        let found: Vec<_> = functions(source).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
        assert_eq!(found, [("one", 2, 1), ("three", 3, 3)]);
    }
}
