//! What does a key template say: text, placeholders, and the braces that choose a partition?

use crate::unify::{PartText, Shape, part_char};

/// A key template, as written, and behind the scope of its repository if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// With the scope.
    pub(crate) source: String,
    /// Without the scope: what messages quote.
    pub(crate) written: String,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) scoped: bool,
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Placeholder(Placeholder),
    /// `{`: the partition's text begins.
    Open,
    /// `}`: the partition's text ends.
    Close,
}

/// `<id>`, `<product.id>`, `<self.tenant>`, `<result.id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) root: String,
    pub(crate) fields: Vec<String>,
}

/// What is wrong with a template; the wording is [`TemplateError::message`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TemplateError {
    Empty,
    Unclosed(String),
    Nameless,
    NotAName(String),
    StrayEnd,
    StraySelf,
    Ambiguous { left: String, between: String, brace: Option<char>, right: String },
    UnclosedBrace,
    StrayBrace,
    SecondBrace,
    EmptyBrace,
}

impl Template {
    /// Reads a template; all mistakes are returned.
    pub(crate) fn parse(source: &str) -> Result<Self, Vec<TemplateError>> {
        let mut reader = Reader::default();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '<' if chars.next_if_eq(&'<').is_some() => reader.text.push('<'),
                '>' if chars.next_if_eq(&'>').is_some() => reader.text.push('>'),
                '{' if chars.next_if_eq(&'{').is_some() => reader.text.push('{'),
                '}' if chars.next_if_eq(&'}').is_some() => reader.text.push('}'),
                '<' => {
                    let mut name = String::new();
                    let closed = loop {
                        match chars.next() {
                            Some('>') => break true,
                            Some(c) => name.push(c),
                            None => break false,
                        }
                    };
                    reader.placeholder(name, closed);
                }
                '>' => reader.errors.push(TemplateError::StrayEnd),
                '{' => reader.open(),
                '}' => reader.close(),
                other => reader.text.push(other),
            }
        }
        reader.finish(source)
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Text(_) | Piece::Open | Piece::Close => None,
        })
    }

    /// The placeholders that the user wrote into this template.
    pub(crate) fn own_placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.placeholders().skip(usize::from(self.scoped))
    }

    pub(crate) fn mentions(&self, root: &str) -> bool {
        self.placeholders().any(|placeholder| placeholder.root == root)
    }

    // before: scope = <self.tenant>, key = "product:<id>"
    // after:  key = "<self.tenant>:product:<id>"
    pub(crate) fn scoped(self, scope: &Placeholder) -> Self {
        let mut pieces = vec![Piece::Placeholder(scope.clone()), Piece::Text(":".to_owned())];
        pieces.extend(self.pieces);
        Self { source: format!("<{}>:{}", scope.written(), self.source), pieces, scoped: true, ..self }
    }

    /// The template without its braces and the names in its placeholders: functions whose shapes agree share entries.
    pub(crate) fn shape(&self) -> Vec<Shape> {
        self.shape_of(|_| PartText::Any)
    }

    /// The shape, and what the text of each placeholder is known to be.
    pub(crate) fn shape_of(&self, text: impl Fn(&Placeholder) -> PartText) -> Vec<Shape> {
        let mut shape = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => shape.extend(text.chars().map(Shape::Char)),
                Piece::Placeholder(placeholder) => shape.push(Shape::Part(text(placeholder))),
                Piece::Open | Piece::Close => {}
            }
        }
        shape
    }

    /// Where in the shape the braces stand.
    pub(crate) fn braces(&self) -> Option<(usize, usize)> {
        let (mut at, mut open) = (0, None);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => at += text.chars().count(),
                Piece::Placeholder(_) => at += 1,
                Piece::Open => open = Some(at),
                Piece::Close => return open.map(|open| (open, at)),
            }
        }
        None
    }

    /// The pieces that the user wrote: a scope is a placeholder and a `:`.
    fn own_pieces(&self) -> usize {
        if self.scoped { 2 } else { 0 }
    }

    /// This template as it would be written with the braces of another one of its shape.
    pub(crate) fn with_braces_of(&self, other: &Self) -> String {
        let mut names = self.own_placeholders().map(Placeholder::written);
        let pieces = other.pieces.iter().skip(other.own_pieces());
        pieces.map(|piece| piece.written(|_| names.next().unwrap_or_default())).collect()
    }

    /// This template as it would be written with its braces closed before the piece at `end`.
    pub(crate) fn with_braces_before(&self, end: usize) -> String {
        let open = self.pieces.iter().position(|piece| *piece == Piece::Open).filter(|open| *open < end);
        let mut written = String::new();
        for (piece, at) in self.pieces.iter().zip(0..).skip(self.own_pieces()) {
            if open.is_none() && at == self.own_pieces() {
                written.push('{');
            }
            if at == end {
                written.push('}');
            }
            if !matches!(piece, Piece::Close) && (!matches!(piece, Piece::Open) || open == Some(at)) {
                written.push_str(&piece.written(Placeholder::written));
            }
        }
        written
    }

    /// This template as it would be written with these names at its end.
    pub(crate) fn with(&self, names: &[String]) -> String {
        names.iter().fold(self.written.clone(), |key, name| {
            let apart = if key.ends_with([':', '/']) { "" } else { ":" };
            format!("{key}{apart}<{name}>")
        })
    }
}

impl Placeholder {
    /// The placeholder as written, without its brackets.
    pub(crate) fn written(&self) -> String {
        self.fields.iter().fold(self.root.clone(), |all, field| all + "." + field)
    }
}

impl Piece {
    /// The piece as it would be written, with the placeholder's name from `name`.
    fn written(&self, name: impl FnOnce(&Placeholder) -> String) -> String {
        match self {
            Self::Text(text) => {
                let doubled = |c: char| if matches!(c, '<' | '>' | '{' | '}') { 2 } else { 1 };
                text.chars().flat_map(|c| std::iter::repeat_n(c, doubled(c))).collect()
            }
            Self::Placeholder(placeholder) => format!("<{}>", name(placeholder)),
            Self::Open => "{".to_owned(),
            Self::Close => "}".to_owned(),
        }
    }
}

impl TemplateError {
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Empty => "`key` is empty".to_owned(),
            Self::Unclosed(name) => format!("the placeholder `<{name}` in `key` is not closed"),
            Self::Nameless => "the placeholder `<>` in `key` names nothing".to_owned(),
            Self::NotAName(name) => {
                format!("the placeholder `<{name}>` in `key` is not a parameter or a field of one")
            }
            Self::StrayEnd => "`>` in `key` closes no placeholder".to_owned(),
            Self::StraySelf => "the placeholder `<self>` in `key` names no field".to_owned(),
            Self::Ambiguous { left, between, brace: Some(_), right } if between.is_empty() => {
                format!(
                    "only a brace stands between `<{left}>` and `<{right}>` in `key`, and braces are no part of it"
                )
            }
            Self::Ambiguous { left, between, brace: None, right } if between.is_empty() => {
                format!(
                    "nothing separates `<{left}>` from `<{right}>` in `key`, so different values could share one entry"
                )
            }
            Self::Ambiguous { left, between, brace: _, right } => {
                format!(
                    "`{between}` can't separate `<{left}>` from `<{right}>` in `key`: values may contain it"
                )
            }
            Self::UnclosedBrace => "`{` in `key` is not closed".to_owned(),
            Self::StrayBrace => "`}` in `key` closes nothing".to_owned(),
            Self::SecondBrace => {
                "`key` has two pairs of braces, but only one can choose the partition".to_owned()
            }
            Self::EmptyBrace => "the braces in `key` are empty".to_owned(),
        }
    }

    /// What to write instead, with a key that fits the function, and the name of what may stand in it.
    pub(crate) fn help(&self, key: &str, name: &str) -> String {
        match self {
            Self::Empty => format!("write for example `key = \"{key}\"`"),
            Self::Unclosed(name) => match name.split(|c| !is_name_char(c)).next() {
                Some(start) if !start.is_empty() => {
                    format!("write `<{start}>`, or `<<` for the character `<`")
                }
                _ => "write `<<` for the character `<`".to_owned(),
            },
            Self::Nameless => {
                format!("name a parameter, as in `<{name}>`; `<<` and `>>` stand for the characters")
            }
            Self::NotAName(_) => {
                "write `<param>`, `<param.field>` or `<param.0>`; `<<` stands for the character `<`"
                    .to_owned()
            }
            Self::StrayEnd => "open the placeholder with `<`, or write `>>` for the character `>`".to_owned(),
            Self::StraySelf => "write for example `<self.tenant>`".to_owned(),
            Self::Ambiguous { left, between, brace, right } => {
                let rest = if between.contains(char::is_alphanumeric) { between } else { "" };
                let between = match brace {
                    None => format!(":{rest}"),
                    Some('}') => format!("}}:{rest}"),
                    Some(open) => format!(":{rest}{open}"),
                };
                format!("begin the text between them with `:` or `/`, as in `<{left}>{between}<{right}>`")
            }
            Self::UnclosedBrace => "close it with `}`, or write `{{` for the character `{`".to_owned(),
            Self::StrayBrace => {
                "remove it, open the braces with `{` before it, or write `}}` for the character `}`"
                    .to_owned()
            }
            Self::SecondBrace => "keep one pair; `{{` and `}}` stand for the characters".to_owned(),
            Self::EmptyBrace => {
                "put the part that chooses the partition into it, as in `{user:<id>}`".to_owned()
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    text: String,
    errors: Vec<TemplateError>,
    brace: Brace,
}

#[derive(Default, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    Closed,
}

impl Reader {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn placeholder(&mut self, name: String, closed: bool) {
        self.flush();
        let mut words = name.split('.');
        let root = words.next().unwrap_or_default();
        let fields: Vec<&str> = words.collect();
        if !closed {
            self.errors.push(TemplateError::Unclosed(name));
        } else if name.is_empty() {
            self.errors.push(TemplateError::Nameless);
        } else if !is_name(root) || !fields.iter().all(|field| is_name(field) || is_index(field)) {
            self.errors.push(TemplateError::NotAName(name));
        } else if name == "self" {
            self.errors.push(TemplateError::StraySelf);
        } else {
            let fields = fields.into_iter().map(str::to_owned).collect();
            self.pieces.push(Piece::Placeholder(Placeholder { root: root.to_owned(), fields }));
        }
    }

    fn open(&mut self) {
        self.flush();
        match self.brace {
            Brace::None => {
                self.brace = Brace::Open;
                self.pieces.push(Piece::Open);
            }
            Brace::Open | Brace::Closed => self.errors.push(TemplateError::SecondBrace),
        }
    }

    fn close(&mut self) {
        self.flush();
        match self.brace {
            Brace::Open => {
                self.brace = Brace::Closed;
                if self.pieces.last() == Some(&Piece::Open) {
                    self.errors.push(TemplateError::EmptyBrace);
                }
                self.pieces.push(Piece::Close);
            }
            Brace::Closed if self.errors.contains(&TemplateError::SecondBrace) => {}
            Brace::None | Brace::Closed => self.errors.push(TemplateError::StrayBrace),
        }
    }

    fn finish(mut self, source: &str) -> Result<Template, Vec<TemplateError>> {
        self.flush();
        if source.is_empty() {
            self.errors.push(TemplateError::Empty);
        }
        if self.brace == Brace::Open {
            self.errors.push(TemplateError::UnclosedBrace);
        }
        if self.errors.is_empty() {
            ambiguities(&self.pieces, &mut self.errors);
        }
        if self.errors.is_empty() {
            let (source, written) = (source.to_owned(), source.to_owned());
            Ok(Template { source, written, pieces: self.pieces, scoped: false })
        } else {
            Err(self.errors)
        }
    }
}

// key = "page:<n>-<lang>"      <- `n = "1-2", lang = "x"` and `n = 1, lang = "2-x"` would share an entry
fn ambiguities(pieces: &[Piece], errors: &mut Vec<TemplateError>) {
    let mut left: Option<&Placeholder> = None;
    let mut between = String::new();
    let mut brace = None;
    for piece in pieces {
        match piece {
            Piece::Text(text) => between.push_str(text),
            Piece::Placeholder(right) => {
                if let Some(left) = left
                    && between.chars().next().is_none_or(part_char)
                {
                    let (left, right) = (left.written(), right.written());
                    errors.push(TemplateError::Ambiguous { left, between: between.clone(), brace, right });
                }
                left = Some(right);
                between.clear();
                brace = None;
            }
            Piece::Open => brace = Some('{'),
            Piece::Close => brace = Some('}'),
        }
    }
}

fn is_name(word: &str) -> bool {
    word != "_" && word.chars().all(is_name_char) && word.starts_with(|c: char| !c.is_ascii_digit())
}

fn is_name_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_index(word: &str) -> bool {
    !word.is_empty() && word.len() < 4 && word.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
#[path = "tests/template.rs"]
mod tests;
