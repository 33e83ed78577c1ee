//! Bytes from the terminal into keys, mouse, pastes and answers. Sequences may arrive in pieces; answers that nobody
//! waits for any more are recognized and dropped, never taken for typing.

use std::time::Duration;

use super::input::{Button, Code, Input, Key, Mouse, MouseKind, Reply, Rgb};

/// How long an escape may be the beginning of a sequence before it is the key.
const KEY_PATIENCE: Duration = Duration::from_millis(25);
/// How long the rest of a sequence is waited for before its beginning is given up.
const REST_PATIENCE: Duration = Duration::from_secs(1);
/// Longest sequence or answer; what is longer is dropped.
const LONGEST: usize = 4096;
/// Longest paste in bytes; the rest is dropped.
const LONGEST_PASTE: usize = 1 << 20;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns a stream of bytes into inputs.
#[derive(Debug, Default)]
pub struct Parser {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// The beginning of something was given up; its rest may still come, and is no typing.
    given_up: Option<Kind>,
}

/// What runs until a terminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Up to a letter: keys, mouse, reports.
    Sequence,
    /// Up to a bell or `ESC \`: answers in words.
    String,
}

/// What the front of the buffer is.
enum Front {
    /// An input of this many bytes; `None`: to be dropped.
    Is(usize, Option<Input>),
    /// The beginning of something.
    Partial,
}

impl Parser {
    /// Takes more bytes and hands out what is complete.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Input)) {
        self.pending.extend_from_slice(bytes);
        if let Some(kind) = self.given_up.take() {
            let rest = rest_of(kind, &self.pending);
            self.pending.drain(..rest);
        }
        while !self.pending.is_empty() {
            if self.paste.is_some() {
                match self.take_paste() {
                    Some(text) => each(Input::Paste(text)),
                    None => return,
                }
                continue;
            }
            match front(&self.pending) {
                Front::Partial if self.pending.len() <= LONGEST => return,
                // Its head goes on standing for it, and its last byte may begin the terminator.
                Front::Partial => drop(self.pending.drain(2..self.pending.len() - 1)),
                Front::Is(length, input) => {
                    let paste = self.pending.starts_with(b"\x1b[200~");
                    self.pending.drain(..length);
                    self.paste = paste.then(Vec::new);
                    input.into_iter().for_each(&mut each);
                }
            }
        }
    }

    /// How long more bytes are waited for before the parser is told to settle; none: for ever.
    pub fn patience(&self) -> Option<Duration> {
        let key = matches!(self.pending.as_slice(), [0x1b] | [0x1b, _]);
        let waits = self.paste.is_none() && !self.pending.is_empty();
        waits.then_some(if key { KEY_PATIENCE } else { REST_PATIENCE })
    }

    /// Nothing more came for a while: a lone escape was the key, any other beginning is given up.
    pub fn settle(&mut self, mut each: impl FnMut(Input)) {
        match self.pending.as_slice() {
            [0x1b] => each(key(Code::Esc)),
            [0x1b, b @ (b'[' | b'O' | b']' | b'P' | b'_' | b'^' | b'X')] => {
                each(Input::Key(Key { alt: true, ..Key::char(char::from(*b)) }, None));
            }
            [0x1b, b'[', ..] if self.paste.is_none() => self.given_up = Some(Kind::Sequence),
            [0x1b, ..] if self.paste.is_none() => self.given_up = Some(Kind::String),
            _ => {}
        }
        if self.paste.is_none() {
            self.pending.clear();
        }
    }

    fn take_paste(&mut self) -> Option<String> {
        let end = find(&self.pending, PASTE_END);
        // Without an end in sight, the last bytes may be the beginning of one.
        let body = end.unwrap_or(self.pending.len().saturating_sub(PASTE_END.len() - 1));
        let paste = self.paste.as_mut()?;
        let room = LONGEST_PASTE.saturating_sub(paste.len());
        paste.extend_from_slice(&self.pending[..body.min(room)]);
        self.pending.drain(..end.map_or(body, |at| at + PASTE_END.len()));
        end?;
        let text = String::from_utf8_lossy(&self.paste.take()?).replace("\r\n", "\n").replace('\r', "\n");
        Some(text)
    }
}

/// How many bytes at the front are the rest of what was given up: those up to its terminator, if that is in sight. One
/// character alone is typing.
fn rest_of(kind: Kind, bytes: &[u8]) -> usize {
    match kind {
        Kind::String => string_end(bytes).map_or(0, |(_, end)| end),
        Kind::Sequence => {
            let fields = bytes.iter().take_while(|byte| (0x20..=0x3f).contains(*byte)).count();
            let ends = bytes.get(fields).is_some_and(|byte| (0x40..=0x7e).contains(byte));
            if fields > 0 && ends { fields + 1 } else { 0 }
        }
    }
}

/// Where the words of an answer end, and where its terminator does.
fn string_end(bytes: &[u8]) -> Option<(usize, usize)> {
    let bell = bytes.iter().position(|byte| *byte == 7).map(|at| (at, at + 1));
    let terminator = find(bytes, b"\x1b\\").map(|at| (at, at + 2));
    bell.into_iter().chain(terminator).min()
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

fn key(code: Code) -> Input {
    Input::Key(Key::plain(code), None)
}

fn front(bytes: &[u8]) -> Front {
    match bytes[0] {
        0x1b => escape(bytes),
        0x80.. => utf8(bytes),
        byte => Front::Is(1, Some(Input::Key(control(byte), None))),
    }
}

fn control(byte: u8) -> Key {
    match byte {
        b'\r' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x08 | 0x7f => Key::plain(Code::Backspace),
        0 => Key::ctrl(' '),
        1..=0x1a => Key::ctrl(char::from(byte + 0x60)),
        0x1c..=0x1f => Key::ctrl(char::from(byte + 0x40)),
        _ => Key::char(char::from(byte)),
    }
}

fn utf8(bytes: &[u8]) -> Front {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Front::Is(1, None),
    };
    let Some(bytes) = bytes.get(..length) else {
        let plausible = bytes[1..].iter().all(|byte| byte & 0xc0 == 0x80);
        return if plausible { Front::Partial } else { Front::Is(1, None) };
    };
    match std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()) {
        Some(c) => Front::Is(length, Some(Input::Key(Key::char(c), None))),
        None => Front::Is(1, None),
    }
}

fn escape(bytes: &[u8]) -> Front {
    match bytes.get(1) {
        None => Front::Partial,
        Some(b'[') => csi(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Front::Partial,
            Some(last) => Front::Is(3, named(*last).map(key)),
        },
        Some(b']' | b'P' | b'_' | b'^' | b'X') => string(bytes),
        Some(0x1b) => Front::Is(1, Some(key(Code::Esc))),
        Some(_) => match front(&bytes[1..]) {
            Front::Is(length, Some(Input::Key(key, base))) => {
                Front::Is(length + 1, Some(Input::Key(Key { alt: true, ..key }, base)))
            }
            Front::Is(length, _) => Front::Is(length + 1, None),
            Front::Partial => Front::Partial,
        },
    }
}

/// An answer wrapped as a string: `ESC ] … BEL` or `ESC ] … ESC \`.
fn string(bytes: &[u8]) -> Front {
    let Some((end, length)) = string_end(&bytes[2..]) else { return Front::Partial };
    let text = std::str::from_utf8(&bytes[2..][..end]).unwrap_or_default();
    let reply = match (bytes[1], text.split_once(';')) {
        (b']', Some(("10", colour))) => rgb(colour).map(Reply::Foreground),
        (b']', Some(("11", colour))) => rgb(colour).map(Reply::Background),
        _ => None,
    };
    Front::Is(length + 2, reply.map(Input::Reply))
}

/// `rgb:1e1e/1e1e/1e1e`, `rgb:1e/1e/1e` or `#1e1e1e`.
fn rgb(text: &str) -> Option<Rgb> {
    let channel = |text: &str| {
        let digits = Some(text.len()).filter(|digits| (1..=4).contains(digits))?;
        let most = (1u32 << (4 * digits)) - 1;
        u32::from_str_radix(text, 16).ok().map(|value| (value * 255 / most) as u8)
    };
    if let Some(hex) = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii()) {
        return Some(Rgb(channel(&hex[..2])?, channel(&hex[2..4])?, channel(&hex[4..])?));
    }
    let mut channels = text.strip_prefix("rgb:").or(text.strip_prefix("rgba:"))?.split('/').map(channel);
    Some(Rgb(channels.next()??, channels.next()??, channels.next()??))
}

fn csi(bytes: &[u8]) -> Front {
    // The Linux console says `ESC [ [ A` for F1.
    if bytes.get(2) == Some(&b'[') {
        return match bytes.get(3) {
            None => Front::Partial,
            Some(last) => Front::Is(4, (b'A'..=b'E').contains(last).then(|| key(Code::F(last - b'A' + 1)))),
        };
    }
    let Some(end) = bytes[2..].iter().position(|byte| !(0x20..=0x3f).contains(byte)).map(|at| at + 2) else {
        return Front::Partial;
    };
    let last = bytes[end];
    if !(0x40..=0x7e).contains(&last) {
        return Front::Is(end, None);
    }
    let body = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
    Front::Is(end + 1, sequence(body, last))
}

/// Parameters of a sequence: fields by semicolon, parts by colon.
struct Params<'a>(Vec<&'a str>);

impl Params<'_> {
    fn part(&self, field: usize, part: usize) -> Option<u32> {
        self.0.get(field)?.split(':').nth(part)?.parse().ok()
    }

    fn number(&self, field: usize) -> Option<u32> {
        self.part(field, 0)
    }

    /// What was held down, told as a sum plus one.
    fn held(&self, field: usize) -> u32 {
        self.number(field).unwrap_or(1).saturating_sub(1)
    }
}

fn sequence(body: &str, last: u8) -> Option<Input> {
    let marker = body.chars().next().filter(|c| "<=>?".contains(*c));
    let params = Params(body.trim_start_matches(['<', '=', '>', '?']).split(';').collect());
    match (marker, last) {
        (Some('<'), b'M' | b'm') => mouse(&params, last == b'm').map(Input::Mouse),
        (Some('?'), b'u') => Some(Input::Reply(Reply::Kitty)),
        (Some('?'), b'c') => Some(Input::Reply(Reply::End)),
        (Some('?'), b'n') if params.number(0) == Some(997) => {
            Some(Input::Reply(Reply::Dark(params.number(1) == Some(1))))
        }
        (Some(_), _) => None,
        (None, b'R') if params.0.len() == 2 => {
            let cell = |field| params.number(field).unwrap_or(1).saturating_sub(1) as u16;
            Some(Input::Reply(Reply::Cursor(cell(1), cell(0))))
        }
        (None, b'I' | b'O') => Some(Input::Focus(last == b'I')),
        (None, b'u') => kitty(&params),
        (None, b'~') => tilde(&params),
        (None, b'Z') => Some(Input::Key(Key { shift: true, ..Key::plain(Code::Tab) }, None)),
        (None, _) => Some(held_key(named(last)?, params.held(1), None)),
    }
}

fn named(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'M' => Code::Enter,
        b'P'..=b'S' => Code::F(last - b'P' + 1),
        _ => return None,
    })
}

fn tilde(params: &Params) -> Option<Input> {
    let number = params.number(0)?;
    let code = match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F((number - 10) as u8),
        17..=21 => Code::F((number - 11) as u8),
        23 | 24 => Code::F((number - 12) as u8),
        27 => return Some(held_key(code_of(params.number(2)?)?, params.held(1), None)),
        _ => return None,
    };
    Some(held_key(code, params.held(1), None))
}

/// `CSI code:shifted:base ; held u`.
fn kitty(params: &Params) -> Option<Input> {
    let code = code_of(params.number(0)?)?;
    let base = params.part(0, 2).and_then(char::from_u32);
    let code = match (code, params.part(0, 1).and_then(char::from_u32)) {
        (Code::Char(_), Some(shifted)) if params.held(1) & 1 != 0 => Code::Char(shifted),
        (code, _) => code,
    };
    Some(held_key(code, params.held(1), base))
}

fn code_of(number: u32) -> Option<Code> {
    Some(match number {
        9 => Code::Tab,
        13 | 57414 => Code::Enter,
        27 => Code::Esc,
        8 | 127 => Code::Backspace,
        57344..=63743 => return None,
        _ => Code::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    })
}

fn held_key(code: Code, held: u32, base: Option<char>) -> Input {
    let (shift, alt, ctrl) = (held & 1 != 0, held & 2 != 0, held & 4 != 0);
    let (code, shift) = match code {
        Code::Char(c) if shift && c.is_lowercase() => (Code::Char(c.to_uppercase().next().unwrap_or(c)), false),
        Code::Char(c) => (Code::Char(c), false),
        code => (code, shift),
    };
    Input::Key(Key { code, ctrl, alt, shift }, base)
}

fn mouse(params: &Params, released: bool) -> Option<Mouse> {
    let bits = params.number(0)?;
    let cell = |field| params.number(field).unwrap_or(1).saturating_sub(1).min(u32::from(u16::MAX)) as u16;
    let button = match bits & 3 {
        0 => Button::Left,
        1 => Button::Middle,
        _ => Button::Right,
    };
    let kind = match bits {
        _ if bits & 64 != 0 && bits & 2 != 0 => return None,
        _ if bits & 64 != 0 => MouseKind::Wheel(bits & 1 != 0),
        _ if bits & 32 != 0 => MouseKind::Drag(button),
        _ if released => MouseKind::Up(button),
        _ => MouseKind::Down(button),
    };
    Some(Mouse { kind, column: cell(1), row: cell(2) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pieces: &[&[u8]]) -> Vec<Input> {
        let mut parser = Parser::default();
        let mut inputs = read(&mut parser, pieces);
        parser.settle(|input| inputs.push(input));
        inputs
    }

    fn read(parser: &mut Parser, pieces: &[&[u8]]) -> Vec<Input> {
        let mut inputs = Vec::new();
        for piece in pieces {
            parser.feed(piece, |input| inputs.push(input));
        }
        inputs
    }

    fn char_key(c: char) -> Input {
        Input::Key(Key::char(c), None)
    }

    #[test]
    fn plain_typing_comes_through_in_order() {
        assert_eq!(
            parse(&[b"aG\r", "ж漢".as_bytes()]),
            [char_key('a'), char_key('G'), key(Code::Enter), char_key('ж'), char_key('漢')]
        );
    }

    #[test]
    fn arrows_arrive_whole_even_when_split() {
        assert_eq!(
            parse(&[b"\x1b", b"[", b"1;5", b"C"]),
            [Input::Key(Key { ctrl: true, ..Key::plain(Code::Right) }, None)]
        );
        assert_eq!(parse(&[b"\x1bOA\x1b[B"]), [key(Code::Up), key(Code::Down)]);
    }

    #[test]
    fn a_lone_escape_is_the_key() {
        assert_eq!(parse(&[b"\x1b"]), [key(Code::Esc)]);
        assert_eq!(parse(&[b"\x1bx"]), [Input::Key(Key { alt: true, ..Key::char('x') }, None)]);
    }

    #[test]
    fn late_answers_are_never_typed() {
        let answers: &[&[u8]] = &[b"\x1b]11;rgb:1e1e/1e1e/1e1e", b"\x1b\\\x1b[?62;4c\x1bP>|x 1\x1b\\\x1b[?2026;2$y"];
        assert_eq!(parse(answers), [Input::Reply(Reply::Background(Rgb(30, 30, 30))), Input::Reply(Reply::End)]);
        assert_eq!(parse(&[b"\x1b]11;rgb:1e1e/1e"]), []);
    }

    /// Every piece comes so late that the parser is told to settle before it.
    fn parse_slowly(pieces: &[&[u8]]) -> Vec<Input> {
        let mut parser = Parser::default();
        let mut inputs = Vec::new();
        for piece in pieces {
            inputs.extend(read(&mut parser, &[piece]));
            parser.settle(|input| inputs.push(input));
        }
        inputs
    }

    #[test]
    fn only_what_can_be_a_key_is_decided_soon() {
        let patience = |bytes: &[u8]| {
            let mut parser = Parser::default();
            parser.feed(bytes, |_| ());
            parser.patience()
        };
        assert_eq!([patience(b"\x1b"), patience(b"\x1b[")], [Some(KEY_PATIENCE); 2]);
        let parts: [&[u8]; 3] = [b"\x1b[<0;10;", b"\x1b]11;rgb:1e", &"漢".as_bytes()[..2]];
        assert_eq!(parts.map(patience), [Some(REST_PATIENCE); 3]);
        assert_eq!([patience(b"j"), patience(b"\x1b[200~begun")], [None; 2]);
    }

    #[test]
    fn the_rest_of_what_was_given_up_is_never_typed() {
        assert_eq!(parse_slowly(&[b"\x1b[<0;10;", b"4M"]), []);
        assert_eq!(parse_slowly(&[b"\x1b]11;rgb:1e1e/", b"1e1e/1e1e\x07"]), []);
        assert_eq!(parse_slowly(&[b"\x1b]11;rgb:1e1e/", b"1e1e/1e1e\x1b\\j"]), [char_key('j')]);
        assert_eq!(parse_slowly(&[&"漢".as_bytes()[..2], &"漢".as_bytes()[2..], b"j"]), [char_key('j')]);
    }

    #[test]
    fn a_key_after_what_was_given_up_is_heard() {
        assert_eq!(parse_slowly(&[b"\x1b]11;rgb:1e", b"j", b"k"]), [char_key('j'), char_key('k')]);
        assert_eq!(parse_slowly(&[b"\x1b[<0;10;", b"4", b"\x1b[A"]), [char_key('4'), key(Code::Up)]);
    }

    #[test]
    fn an_answer_without_bounds_is_dropped_to_its_end() {
        let mut long = b"\x1b]52;c;".to_vec();
        long.extend(std::iter::repeat_n(b'q', 3 * LONGEST));
        assert_eq!(parse(&[&long[..5000], &long[5000..], b"\x1b", b"\\j"]), [char_key('j')]);
    }

    #[test]
    fn a_paste_is_one_thing_whatever_it_holds() {
        let inputs = parse(&[b"\x1b[200~rm -rf\r\x1b[", b"31mx\x1b[20", b"1~q"]);
        assert_eq!(inputs, [Input::Paste("rm -rf\n\x1b[31mx".into()), char_key('q')]);
    }

    #[test]
    fn mouse_cells_count_from_zero() {
        let down = Mouse { kind: MouseKind::Down(Button::Left), column: 9, row: 3 };
        assert_eq!(parse(&[b"\x1b[<0;10;4M"]), [Input::Mouse(down)]);
        assert_eq!(
            parse(&[b"\x1b[<65;1;1M"]),
            [Input::Mouse(Mouse { kind: MouseKind::Wheel(true), column: 0, row: 0 })]
        );
    }

    #[test]
    fn kitty_tells_the_latin_key_of_another_layout() {
        assert_eq!(parse(&[b"\x1b[1078::59u"]), [Input::Key(Key::char('ж'), Some(';'))]);
        assert_eq!(parse(&[b"\x1b[106;5u"]), [Input::Key(Key::ctrl('j'), None)]);
        assert_eq!(parse(&[b"\x1b[?0u"]), [Input::Reply(Reply::Kitty)]);
    }

    #[test]
    fn rubbish_is_dropped_and_what_follows_is_heard() {
        assert_eq!(parse(&[b"\xff\xc0j"]), [char_key('j')]);
        assert_eq!(parse(&[b"\x1b[999999999999zj"]), [char_key('j')]);
    }

    #[test]
    fn a_colour_of_too_many_digits_is_none() {
        assert_eq!(rgb("rgb:1e01e0e/1e4e/1e0e"), None);
        assert_eq!(rgb("rgb:/1e/1e"), None);
        assert_eq!(rgb("rgb:ffff/00/f"), Some(Rgb(255, 0, 255)));
    }
}
