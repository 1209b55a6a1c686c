//! A client that keeps no rule: bytes as the test writes them, over TCP. For what no honest library sends: wrong
//! frames, bodies that never end, heads that lie.

use super::PATIENCE;
use super::client::{Client, Proof};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One frame of a WebSocket, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFrame {
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl RawFrame {
    /// The code of a close frame; 1005 where it has none.
    pub fn close_code(&self) -> Option<u16> {
        (self.opcode == 8)
            .then(|| self.payload.first_chunk::<2>().map_or(1005, |bytes| u16::from_be_bytes(*bytes)))
    }
}

/// A connection.
pub struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    /// Connects to `http://HOST:PORT`.
    pub async fn connect(url: &str) -> Self {
        let address = url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("the server listens");
        Self { stream, read: Vec::new() }
    }

    /// Connects and shakes hands on `/ws` with the client's token.
    pub async fn socket(client: &Client) -> Self {
        let Proof::Bearer(token) = &client.proof else { panic!("with a token") };
        let mut raw = Self::connect(&client.url).await;
        let head = format!(
            "GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nauthorization: Bearer {token}\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n"
        );
        raw.write(head.as_bytes()).await;
        let answer = raw.head().await.to_lowercase();
        assert!(answer.starts_with("http/1.1 101"), "{answer}");
        assert!(!answer.contains("permessage-deflate"), "compression is not offered: {answer}");
        raw
    }

    /// Writes; a peer that has hung up swallows it.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Ends our half.
    pub async fn half_close(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The head of an answer.
    pub async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                return String::from_utf8_lossy(&head).into_owned();
            }
            if !self.more().await {
                return String::from_utf8_lossy(&self.read).into_owned();
            }
        }
    }

    /// The next frame; `None` when the peer has hung up.
    pub async fn frame(&mut self) -> Option<RawFrame> {
        loop {
            if let Some((frame, length)) = parse(&self.read) {
                self.read.drain(..length);
                return Some(frame);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The next frame with this opcode, or the close frame that came first.
    pub async fn frame_of(&mut self, opcode: u8) -> Option<RawFrame> {
        while let Some(frame) = self.frame().await {
            if frame.opcode == opcode || frame.opcode == 8 {
                return Some(frame);
            }
        }
        None
    }

    /// How the session ends: its close code; 1006 where the line just goes dead.
    pub async fn ends(&mut self) -> u16 {
        let mut code = 1006;
        while let Some(frame) = self.frame().await {
            if let Some(found) = frame.close_code() {
                code = found;
                self.write(&frame_bytes(true, 0, 8, &frame.payload)).await;
            }
        }
        code
    }

    async fn more(&mut self) -> bool {
        let mut chunk = vec![0_u8; 16 * 1024];
        match tokio::time::timeout(PATIENCE, self.stream.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => {
                self.read.extend_from_slice(&chunk[..count]);
                true
            }
            Ok(_) => false,
            Err(late) => panic!("nothing came: {late}"),
        }
    }
}

/// A masked frame, as a client sends it.
pub fn frame_bytes(is_final: bool, reserved: u8, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(is_final, reserved, opcode, payload.len() as u64);
    bytes.extend(payload.iter().zip([1, 2, 3, 4].iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The head of a masked frame that says it has so many bytes.
pub fn head(is_final: bool, reserved: u8, opcode: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![u8::from(is_final) << 7 | reserved << 4 | opcode];
    match length {
        0..=125 => bytes.push(0x80 | u8::try_from(length).expect("small")),
        126..=0xFFFF => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(u16::try_from(length).expect("two bytes").to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 0x7f);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend([1, 2, 3, 4]);
    bytes
}

/// A frame of the server, and how many bytes it took; `None` while it is not whole.
fn parse(bytes: &[u8]) -> Option<(RawFrame, usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (length, at) = match second & 0x7F {
        126 => (u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?), 10),
        short => (u64::from(short), 2),
    };
    let end = at + usize::try_from(length).ok()?;
    let payload = bytes.get(at..end)?.to_vec();
    Some((RawFrame { opcode: first & 0x0F, payload }, end))
}
