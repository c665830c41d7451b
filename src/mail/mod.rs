pub mod message;
pub mod render;
pub mod send;
pub mod transport;
