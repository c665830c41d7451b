//! Reading SMTP off the wire with bounded memory.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Longest command line, in bytes, line ending included (RFC 5321 §4.5.3.1.4 asks for 512; more
/// leaves room for parameters).
const MAX_LINE: usize = 2048;

/// One command line.
pub(super) enum Line {
    /// Without its line ending; bytes that are not UTF-8 are replaced.
    Text(String),
    TooLong,
    /// The client hung up.
    End,
}

/// One message.
pub(super) enum Data {
    /// After dot-unstuffing, final dot removed.
    Whole(Vec<u8>),
    /// Longer than allowed: read to its end and thrown away.
    TooLarge,
}

/// Reads one command line.
pub(super) async fn read_line<R: AsyncBufRead + Unpin>(read: &mut R) -> io::Result<Line> {
    let mut line = Vec::new();
    let (complete, dropped) = read_until_newline(read, &mut line, MAX_LINE).await?;
    if !complete {
        return Ok(Line::End);
    }
    if dropped > 0 {
        return Ok(Line::TooLong);
    }
    let text = String::from_utf8_lossy(&line);
    Ok(Line::Text(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Reads a message up to its final dot. Only `CRLF . CRLF` ends it (a bare line feed does not, so
/// that nobody can smuggle a second message inside the first).
///
/// # Errors
/// When the client hangs up before the end.
pub(super) async fn read_data<R: AsyncBufRead + Unpin>(read: &mut R, max: usize) -> io::Result<Data> {
    let mut message: Vec<u8> = Vec::new();
    let mut too_large = false;
    let mut after_crlf = true;
    loop {
        let mut line = Vec::new();
        let room = max.saturating_sub(message.len()).saturating_add(3);
        let (complete, dropped) = read_until_newline(read, &mut line, room).await?;
        if !complete {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if after_crlf && dropped == 0 && line == b".\r\n" {
            return Ok(if too_large { Data::TooLarge } else { Data::Whole(message) });
        }
        let content = match line.strip_prefix(b".") {
            Some(unstuffed) if after_crlf => unstuffed,
            _ => line.as_slice(),
        };
        // A dropped part was too long to keep, and its last two bytes are unknown: taking the
        // line as properly ended is right for every client that ends lines with CRLF.
        after_crlf = dropped > 0 || line.ends_with(b"\r\n");
        too_large |= dropped > 0 || message.len() + content.len() > max;
        if too_large {
            message = Vec::new();
        } else {
            message.extend_from_slice(content);
        }
    }
}

/// Appends up to `max` bytes of the next line to `into`, newline included; returns whether a
/// newline was met (false: the stream ended) and how many bytes did not fit.
async fn read_until_newline<R: AsyncBufRead + Unpin>(read: &mut R, into: &mut Vec<u8>, max: usize) -> io::Result<(bool, usize)> {
    let mut dropped = 0;
    loop {
        let chunk = read.fill_buf().await?;
        if chunk.is_empty() {
            return Ok((false, dropped));
        }
        let (taken, complete) = match chunk.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), false),
        };
        let keep = taken.min(max.saturating_sub(into.len()));
        into.extend(chunk.iter().take(keep));
        dropped += taken - keep;
        read.consume(taken);
        if complete {
            return Ok((true, dropped));
        }
    }
}

/// `FROM:<address> PARAMETERS` → the address and the parameters. The null sender `<>` is an empty
/// address; a source route before the last `:` is ignored (RFC 5321 §4.1.1.3).
pub(super) fn path(rest: &str, keyword: &str) -> Option<(String, String)> {
    let (head, tail) = rest.split_at_checked(keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (address, parameters) = tail.trim_start().strip_prefix('<')?.split_once('>')?;
    let address = match address.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => address,
    };
    let clean = address.len() <= 320 && !address.chars().any(|c| c.is_whitespace() || c.is_control());
    clean.then(|| (address.to_owned(), parameters.trim().to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    async fn data(input: &[u8], max: usize) -> io::Result<Option<Vec<u8>>> {
        let mut input = input;
        Ok(match read_data(&mut input, max).await? {
            Data::Whole(message) => Some(message),
            Data::TooLarge => None,
        })
    }

    #[tokio::test]
    async fn dots_are_unstuffed_and_only_crlf_dot_crlf_ends_a_message() {
        let message = data(b"..a\r\nb\n.\nc\n.\r\nd\r\n.\r\nREST", 100).await.unwrap();
        assert_eq!(message.unwrap(), b".a\r\nb\n.\nc\n.\r\nd\r\n");
        assert_eq!(data(b".\r\n", 100).await.unwrap().unwrap(), b"");
        assert!(data(b"cut short\r\n", 100).await.is_err());
    }

    #[tokio::test]
    async fn a_message_of_exactly_the_limit_fits_and_one_byte_more_does_not() {
        assert_eq!(data(b"12345678\r\n.\r\n", 10).await.unwrap().unwrap().len(), 10);
        assert_eq!(data(b"123456789\r\n.\r\n", 10).await.unwrap(), None);
        assert_eq!(data(b"1\r\n12345678\r\n2\r\n.\r\n", 10).await.unwrap(), None);
        let mut long = vec![b'x'; 100_000];
        long.extend(b"\r\n.\r\n");
        assert_eq!(data(&long, 10).await.unwrap(), None);
    }

    #[test]
    fn paths_are_read_with_their_parameters_and_bad_ones_refused() {
        let read = |rest| path(rest, "FROM:");
        assert_eq!(read("FROM:<a@b.c> SIZE=5").unwrap(), ("a@b.c".into(), "SIZE=5".into()));
        assert_eq!(read("from: <>").unwrap(), (String::new(), String::new()));
        assert_eq!(read("FROM:<@relay.c:a@b.c>").unwrap().0, "a@b.c");
        for bad in ["", "FROM:", "FROM:a@b.c", "FROM:<a@b.c", "TO:<a@b.c>", "FROM:<a b@c.d>", "é"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
