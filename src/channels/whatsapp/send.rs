//! Sending through WhatsApp Cloud API.
