//! Names of authenticators, so that people recognise their own: the model says who made it, as far as it may be believed.

use crate::authn::factor::Kit;
use crate::base::device::describe;
use crate::base::texts::Texts;

/// Well-known models (AAGUID, in hexadecimal) by the names people know them by.
const MODELS: &[(&str, &str)] = &[
    ("fbfc3007154e4ecc8c0b6e020557d7bd", "iCloud"),
    ("dd4ec289e01d41c9bb8970fa845d4bf2", "iCloud"),
    ("ea9b8d664d011d213ce4b6b48cb575d4", "Google"),
    ("adce000235bcc60a648b0b25f1f05503", "Chrome, Mac"),
    ("771b48fdd3d44f749232fc157ab0507a", "Edge, Mac"),
    ("08987058cadc4b81b6e130de50dcbe96", "Windows Hello"),
    ("9ddd1817af5a4672a2b93e3dd95000a9", "Windows Hello"),
    ("6028b017b1d44c02b4b3afcdafc96bb2", "Windows Hello"),
    ("53414d53554e47000000000000000000", "Samsung Pass"),
    ("bada5566a7aa401fbd9645619a55120d", "1Password"),
    ("d548826e79b4db40a3d811116f7e8349", "Bitwarden"),
    ("531126d6e717415c93203d9aa6981239", "Dashlane"),
    ("f38095407f1449c1a8b38f813b225541", "Enpass"),
    ("0ea242b443c44a1b8b17dd6d0b6baec6", "Keeper"),
    ("fdb141b25d84443e8a354698c205a502", "KeePassXC"),
    ("b84e404815dc4dd08640f4f60813c8af", "NordPass"),
    ("50726f746f6e5061737350726f746f6e", "Proton Pass"),
    ("cb69481e8ff7403993ec0a2729a154a8", "YubiKey 5"),
    ("ee882879721c491397753dfcce97072a", "YubiKey 5"),
    ("fa2b99dc9e3942578f924a30d23c4118", "YubiKey 5 NFC"),
    ("2fc0579f811347eab116bb5a8db9202a", "YubiKey 5 NFC"),
    ("73bb0cd4e50249b89c6fb59445bf720b", "YubiKey 5 FIPS"),
    ("c1f9a0bc1dd2404ab27f8e29047a43fd", "YubiKey 5 NFC FIPS"),
    ("c5ef55ffad9a4b9fb580adebafe026d0", "YubiKey 5Ci"),
    ("d8522d9f575b486688a9ba99fa02f35b", "YubiKey Bio"),
];

/// The name a key is first given: that of its model, or the browser it was made with.
pub fn name(kit: &Kit<'_>, aaguid: &str) -> String {
    if let Some((_, name)) = MODELS.iter().find(|(model, _)| *model == aaguid) {
        return (*name).to_owned();
    }
    let t = Texts::new(kit.ctx.locale);
    match kit.ctx.user_agent.as_deref().and_then(describe) {
        Some(device) => match device.split_once(", ") {
            Some((browser, system)) => t.with("account-passkey-on", &[("browser", browser), ("system", system)]),
            None => device,
        },
        None => t.get("account-passkey"),
    }
}

#[cfg(test)]
mod tests {
    use super::MODELS;

    #[test]
    fn models_are_written_as_they_are_looked_up_each_once() {
        for (at, (model, name)) in MODELS.iter().enumerate() {
            assert!(model.len() == 32 && model.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{name}");
            assert!(MODELS.iter().skip(at + 1).all(|(other, _)| other != model), "{name} twice");
        }
    }
}
