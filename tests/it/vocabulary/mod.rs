//! Services that want more than plain answers: signed and encrypted ones, in the words of FranceConnect or of ProConnect.

mod by_hand;
mod documented;
mod envelope;
mod franceconnect;
mod proconnect;
mod stranger;
