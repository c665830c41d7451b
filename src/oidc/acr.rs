//! Authentication context (OpenID Connect Core §2, `acr`): the levels of [`Aal`], by their names.

use super::authorize::Request;
use crate::base::Aal;

/// Every value published and honoured, weakest first.
pub const SUPPORTED: &[&str] = &[Aal::One.name(), Aal::Two.name(), Aal::PhishingResistant.name()];

/// The weakest level that answers an essential `acr` (§5.5.1.1); `None` when none is asked for, or none that we know.
pub fn essential(request: &Request) -> Option<Aal> {
    request.claims.as_ref().and_then(|c| c.essential_acr())?.into_iter().filter_map(Aal::parse).min()
}

/// The level wished for without being essential: the first of `acr_values` that we know, those of the client by default.
pub fn wished(request: &Request) -> Option<Aal> {
    request.acr_values.iter().find_map(|v| Aal::parse(v))
}

/// The value told to the client: the highest of those asked for that was reached, or the level itself.
pub fn told(request: &Request, reached: Aal) -> &'static str {
    let essential = request.claims.as_ref().and_then(|c| c.essential_acr()).unwrap_or_default();
    let asked = essential.into_iter().chain(request.acr_values.iter().map(String::as_str));
    asked.filter_map(Aal::parse).filter(|a| *a <= reached).max().unwrap_or(reached).name()
}
