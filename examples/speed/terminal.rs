//! What a plain modern terminal answers to the questions that programs ask it.

/// Questions and their answers.
const ANSWERS: [(&[u8], &[u8]); 8] = [
    (b"\x1b[6n", b"\x1b[1;2R"),
    (b"\x1b[5n", b"\x1b[0n"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>1;10;0c"),
    (b"\x1b[?u", b"\x1b[?0u"),
    (b"\x1b]10;?", b"\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\"),
    (b"\x1b]11;?", b"\x1b]11;rgb:1010/1010/1010\x1b\\"),
];

/// The answers to what was asked in these bytes.
pub fn answers(bytes: &[u8]) -> Vec<u8> {
    let mut found: Vec<(usize, &[u8])> = Vec::new();
    for (question, answer) in ANSWERS {
        let places = bytes.windows(question.len()).enumerate().filter(|(_, window)| *window == question);
        found.extend(places.map(|(at, _)| (at, answer)));
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().flat_map(|(_, answer)| answer.iter().copied()).collect()
}

/// How many bytes lie outside of synchronized updates, and how many updates there are.
pub fn outside_updates(bytes: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split("\x1b[?2026h");
    let before = parts.next().map_or(0, str::len);
    let (mut outside, mut updates) = (before, 0);
    for part in parts {
        updates += 1;
        outside += part.split_once("\x1b[?2026l").map_or(part.len(), |(_, after)| after.len());
    }
    (outside, updates)
}
