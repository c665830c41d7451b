pub mod message;
pub mod render;
