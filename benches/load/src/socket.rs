//! As little WebSocket as a load needs: it counts what comes without reading more of it than its
//! head, and answers pings while it is read. Never a check of the protocol: the tests do that.

use crate::Outcome;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;

/// What reads frames.
pub struct Reader {
    half: OwnedReadHalf,
    answers: Arc<Mutex<OwnedWriteHalf>>,
    buffer: Vec<u8>,
    at: usize,
}

/// What writes frames.
pub struct Writer(Arc<Mutex<OwnedWriteHalf>>);

/// Opens a socket as the owner of `token`; `source` spreads many over several own addresses.
pub async fn open(port: u16, token: &str, source: u8) -> Outcome<(Reader, Writer)> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, source.max(1)], 0).into())?;
    let mut stream: TcpStream = socket.connect(([127, 0, 0, 1], port).into()).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: bench\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err("the upgrade was not answered".into());
        }
    };
    if !buffer.starts_with(b"HTTP/1.1 101") {
        return Err(String::from_utf8_lossy(&buffer[..end]).into_owned().into());
    }
    let (half, write) = stream.into_split();
    let write = Arc::new(Mutex::new(write));
    Ok((Reader { half, answers: write.clone(), buffer, at: end }, Writer(write)))
}

impl Reader {
    /// The next frame: its kind (1 text, 8 close) and its bytes; a ping is answered and passed by.
    pub async fn frame(&mut self) -> Outcome<(u8, &[u8])> {
        loop {
            if let Some((kind, start, end)) = self.whole() {
                self.at = end;
                if kind == 9 {
                    self.answers.lock().await.write_all(&[0x8A, 0x80, 0, 0, 0, 0]).await?;
                    continue;
                }
                return Ok((kind, &self.buffer[start..end]));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            if self.buffer.capacity() - self.buffer.len() < 16_384 && self.buffer.len() > 256 {
                self.buffer.reserve(65_536);
            }
            if self.half.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the socket".into());
            }
        }
    }

    /// The next text frame whose head holds `mark`; everything else is passed by.
    pub async fn text_with(&mut self, mark: &[u8]) -> Outcome<&[u8]> {
        loop {
            let (kind, bytes) = self.frame().await?;
            let is_it =
                kind == 1 && bytes[..bytes.len().min(64)].windows(mark.len()).any(|part| part == mark);
            if kind == 8 {
                return Err("the server said goodbye".into());
            }
            if is_it {
                let length = bytes.len();
                return Ok(&self.buffer[self.at - length..self.at]);
            }
        }
    }

    fn whole(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.buffer[self.at..];
        let (kind, short) = (*bytes.first()? & 15, usize::from(*bytes.get(1)? & 127));
        let (head, length) = match short {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, short),
        };
        (bytes.len() >= head + length).then_some((kind, self.at + head, self.at + head + length))
    }
}

/// A session that says nothing and is kept open: it is read, so that pings are answered.
pub struct Kept {
    reads: tokio::task::JoinHandle<()>,
    _open: Writer,
}

/// Keeps a session until the value is dropped.
pub fn keep((mut reader, open): (Reader, Writer)) -> Kept {
    Kept { reads: tokio::spawn(async move { while reader.frame().await.is_ok() {} }), _open: open }
}

impl Kept {
    /// Whether the server has not ended it.
    pub fn is_open(&self) -> bool {
        !self.reads.is_finished()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.reads.abort();
    }
}

impl Writer {
    /// Says something; the mask is zero, which changes nothing.
    pub async fn say(&mut self, value: &Value) -> Outcome {
        let text = value.to_string();
        let mut frame = vec![0x81];
        match text.len() {
            length @ 0..126 => frame.push(0x80 | u8::try_from(length)?),
            length => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&u16::try_from(length)?.to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        Ok(self.0.lock().await.write_all(&frame).await?)
    }
}
