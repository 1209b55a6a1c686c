//! As little HTTP as a load needs: one kept connection, one request after the other. Never
//! redirects, never TLS.

use crate::Outcome;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept connection.
pub struct Http {
    stream: TcpStream,
    /// Bytes read beyond the last answer.
    left: Vec<u8>,
}

impl Http {
    pub async fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, left: Vec::new() })
    }

    /// Sends bytes that are a whole request, and reads the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        let end = self.read_until_head_ends().await?;
        let head = String::from_utf8_lossy(&self.left[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("no status")?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(Ok(0), |length| length.trim().parse::<usize>())?;
        if head.contains("transfer-encoding: chunked") {
            return Ok((status, self.chunks(end).await?));
        }
        while self.left.len() < end + length {
            self.more().await?;
        }
        let body = self.left[end..end + length].to_vec();
        self.left.drain(..end + length);
        Ok((status, body))
    }

    /// A call with a body and a bearer; an answer that is no success is an error.
    pub async fn call(&mut self, method: &str, path: &str, token: &str, body: &Value) -> Outcome<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, answer) = self.exchange(request.as_bytes()).await?;
        if !(200..300).contains(&status) {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    async fn chunks(&mut self, mut at: usize) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            while !self.left[at..].windows(2).any(|two| two == b"\r\n") {
                self.more().await?;
            }
            let line = at + self.left[at..].windows(2).position(|two| two == b"\r\n").unwrap_or(0);
            let size = usize::from_str_radix(std::str::from_utf8(&self.left[at..line])?.trim(), 16)?;
            while self.left.len() < line + 4 + size {
                self.more().await?;
            }
            body.extend_from_slice(&self.left[line + 2..line + 2 + size]);
            at = line + 4 + size;
            if size == 0 {
                self.left.drain(..at);
                return Ok(body);
            }
        }
    }

    async fn read_until_head_ends(&mut self) -> Outcome<usize> {
        loop {
            if let Some(at) = self.left.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(at + 4);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Outcome {
        if self.stream.read_buf(&mut self.left).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}
