pub mod assets;
pub mod view;
