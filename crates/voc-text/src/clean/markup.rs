//! HTML in, words out. Only what is certainly HTML is touched: known tags, comments,
//! entities. `a < b`, `<3` and `<name@example.com>` are text.

use html_escape::decode_html_entities;
use regex::Regex;

use super::Stage;
use crate::alignment::Rewrite;

/// A tag with well-formed attributes, the start of a comment, or an entity (escaped any
/// number of times). Quoted values hold no angle brackets, which keeps matching linear.
const TOKEN: &str = r#"(?ix)
    (?P<comment> <!-- )
  | (?P<declaration> <!doctype\b [^<>]* > | <\?xml\b [^<>]* > )
  | < (?P<close> /? ) (?P<tag> [a-z][a-z0-9]* (?: :[a-z][a-z0-9]* )? )
    (?: \s+ [a-z_:@][\w:.-]* \s* = \s* (?: "[^"<>]*" | '[^'<>]*' | [^\s"'<>=]+ )
      | \s+ (?: disabled | checked | selected | hidden | nowrap | noshade | required )\b )*
    \s* /? >
  | & (?: amp; )* (?P<entity> \#\d{1,7} | \#x[0-9a-f]{1,6} | [a-z][a-z0-9]{1,31} ) ;
"#;

/// What a tag leaves behind.
#[derive(Clone, Copy, PartialEq)]
enum Trace {
    /// A new line: the tag begins or ends a block.
    Line,
    /// A space: the tag parts cells.
    Space,
    /// Nothing: the tag marks up words.
    Nothing,
    /// Nothing, and its content goes too: it is not text.
    NoContent,
}

/// Recognises HTML.
#[derive(Debug)]
pub(super) struct Markup {
    token: Regex,
}

impl Markup {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            token: Regex::new(TOKEN)?,
        })
    }

    /// Strips tags and decodes entities.
    pub fn strip(&self, text: &str) -> Stage {
        if !text.contains(['<', '&']) {
            return None;
        }
        let mut rewrite = Rewrite::new(text);
        let mut content = Content { text, lower: None };
        let mut done = 0;
        for found in self.token.captures_iter(text) {
            let Some(token) = found.get(0).filter(|token| token.start() >= done) else {
                continue;
            };
            let mut range = token.range();
            if found.name("comment").is_some() {
                let Some(end) = content.end("-->", range.end) else {
                    continue;
                };
                rewrite.replace(range.start..end, "");
                done = end;
            } else if let Some(entity) = found.name("entity") {
                let entity = format!("&{};", entity.as_str());
                let decoded = decode_html_entities(&entity);
                if decoded != entity.as_str() || entity.len() < range.len() {
                    rewrite.replace(range, &decoded);
                }
            } else if let Some(tag) = found.name("tag") {
                let Some(trace) = trace(&tag.as_str().to_ascii_lowercase()) else {
                    continue;
                };
                let opens = found.name("close").is_some_and(|slash| slash.is_empty());
                if trace == Trace::NoContent && opens {
                    let closing = format!("</{}", tag.as_str().to_ascii_lowercase());
                    range.end = content.end(&closing, range.end).unwrap_or(range.end);
                }
                done = range.end;
                rewrite.replace(range, trace.as_str());
            } else {
                rewrite.replace(range, "");
            }
        }
        rewrite.finish()
    }
}

/// Looks for the ends of comments and of content that is not text.
struct Content<'t> {
    text: &'t str,
    /// The text in lower case with the position up to which a search found nothing, so that
    /// a text full of unclosed tags is not searched over and over.
    lower: Option<(String, Vec<String>)>,
}

impl Content<'_> {
    /// Where `closing` ends, including the `>` of a closing tag; `None` if it never comes.
    fn end(&mut self, closing: &str, from: usize) -> Option<usize> {
        let (lower, absent) = self
            .lower
            .get_or_insert_with(|| (self.text.to_ascii_lowercase(), Vec::new()));
        if absent.iter().any(|known| known == closing) {
            return None;
        }
        let Some(found) = lower[from..].find(closing) else {
            absent.push(closing.to_owned());
            return None;
        };
        let end = from + found + closing.len();
        if closing.ends_with('>') {
            return Some(end);
        }
        lower[end..].find('>').map(|rest| end + rest + 1)
    }
}

impl Trace {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "\n",
            Self::Space => " ",
            Self::Nothing | Self::NoContent => "",
        }
    }
}

/// What the tag `name` leaves behind; `None` if HTML has no such tag. Names with a prefix
/// (`o:p`) come from office programs.
fn trace(name: &str) -> Option<Trace> {
    Some(match name {
        "script" | "style" => Trace::NoContent,
        "address" | "article" | "aside" | "blockquote" | "body" | "br" | "center" | "dd"
        | "div" | "dl" | "dt" | "fieldset" | "footer" | "form" | "h1" | "h2" | "h3" | "h4"
        | "h5" | "h6" | "head" | "header" | "hr" | "html" | "li" | "main" | "nav" | "ol" | "p"
        | "pre" | "section" | "table" | "tbody" | "tfoot" | "thead" | "title" | "tr" | "ul" => {
            Trace::Line
        }
        "button" | "caption" | "option" | "select" | "td" | "textarea" | "th" => Trace::Space,
        "a" | "abbr" | "b" | "bdi" | "bdo" | "big" | "cite" | "code" | "col" | "colgroup"
        | "del" | "em" | "font" | "i" | "iframe" | "img" | "input" | "ins" | "kbd" | "label"
        | "link" | "mark" | "meta" | "picture" | "q" | "s" | "samp" | "small" | "source"
        | "span" | "strike" | "strong" | "sub" | "sup" | "svg" | "time" | "tt" | "u" | "var"
        | "video" | "wbr" => Trace::Nothing,
        _ if name.contains(':') => Trace::Nothing,
        _ => return None,
    })
}
