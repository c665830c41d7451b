//! `guichet card`, from the factory's file to the person.

use super::*;

const ORG: &str = r#"
[[establishment]]
siret = "732 829 320 00074"
name = "Boulangerie Durand"

[[membership]]
login_email = "camille@boulangerie.example"
siret = "73282932000074"
role = "contact"
"#;

const STOCK: &str =
    "serial_number,seed,type\nGADT0001,3132333435363738393031323334353637383930,hotp\nGADT0002,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,totp\n";

fn stocked() -> Folder {
    let folder = Folder::in_place();
    folder.write("org.toml", ORG).ok(&["apply", "org.toml"]);
    folder.write("cards.csv", STOCK).ok(&["card", "import", "cards.csv"]);
    folder
}

#[test]
fn cards_are_imported_all_or_none_with_a_report_by_line() {
    let folder = Folder::in_place();
    folder.write("cards.csv", STOCK);
    let dry = folder.ok(&["card", "import", "cards.csv", "--dry-run"]);
    assert_eq!(dry.out, "2 imported, 0 known already (dry run: nothing was written)\n");
    assert_eq!(folder.ok(&["card", "list", "--json"]).json(), serde_json::json!([]));
    let done = folder.ok(&["card", "import", "cards.csv", "--json"]).json();
    assert_eq!(
        (&done["created"], &done["cards"][1]),
        (&2.into(), &serde_json::json!({ "line": 3, "serial": "GADT0002", "outcome": "created" }))
    );
    assert_eq!(folder.ok(&["card", "import", "cards.csv"]).out, "0 imported, 2 known already\n");

    folder.write(
        "bad.csv",
        "serial_number,seed\nGADT0003,00112233445566778899aabbccddeeff\nGADT0003,zz!\nGADT0001,ffffffffffffffffffffffffffffffff\n",
    );
    let said = folder.run(&["card", "import", "bad.csv"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("nothing was imported from bad.csv") && said.err.contains("line 3: seed: neither"), "{}", said.err);
    folder.write("bad.csv", "serial_number,seed\nGADT0003,00112233445566778899aabbccddeeff\nGADT0001,ffffffffffffffffffffffffffffffff\n");
    let said = folder.run(&["card", "import", "bad.csv"]);
    assert!(said.code == 1 && said.err.contains("line 3: GADT0001: known with another seed"), "{}", said.err);
    assert!(!said.err.contains("ffff"), "a seed is not printed");
    assert_eq!(folder.ok(&["card", "list", "--json"]).json().as_array().unwrap().len(), 2);
    assert_eq!(folder.run(&["card", "import", "nowhere.csv"]).code, 4);
    let list = folder.ok(&["card", "list"]).out;
    assert!(list.starts_with("SERIAL") && list.contains("GADT0001  in_stock  hotp") && list.contains("totp 30s"), "{list}");
}

#[test]
fn an_encrypted_pskc_needs_its_key() {
    let folder = Folder::in_place();
    let pskc = r#"<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
<EncryptionKey/><MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX</xenc:CipherValue></xenc:CipherData></MACKey></MACMethod>
<KeyPackage><DeviceInfo><SerialNo>987654321</SerialNo></DeviceInfo><Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Data><Secret>
<EncryptedValue><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv</xenc:CipherValue></xenc:CipherData></EncryptedValue>
<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=</ValueMAC></Secret></Data></Key></KeyPackage></KeyContainer>"#;
    folder.write("cards.xml", pskc).write("key", "12345678901234567890123456789012\n").write("other", "00345678901234567890123456789012\n");
    let without = folder.run(&["card", "import", "cards.xml"]);
    assert!(without.code == 1 && without.err.contains("the key shared with its maker is needed"), "{}", without.err);
    let wrong = folder.run(&["card", "import", "cards.xml", "--key-file", "other"]);
    assert!(wrong.code == 1 && wrong.err.contains("nothing was imported"), "{}", wrong.err);
    let short = folder.write("short", "1234").run(&["card", "import", "cards.xml", "--key-file", "short"]);
    assert!(short.err.contains("expected 32 or 64 hexadecimal digits"), "{}", short.err);
    folder.ok(&["card", "import", "cards.xml", "--key-file", "key"]);
    let card = folder.ok(&["card", "show", "987654321", "--json"]).json();
    assert_eq!((&card["type"], &card["state"]), (&"hotp".into(), &"in_stock".into()));
}

#[test]
fn a_card_is_sent_lent_confirmed_taken_back_and_replaced() {
    let folder = stocked();
    let dry = folder.ok(&["card", "send", "73282932000074", "GADT0001", "GADT0002", "--dry-run"]);
    assert!(dry.err.contains("dry run"), "{}", dry.err);
    assert_eq!(folder.ok(&["card", "show", "gadt0001", "--json"]).json()["state"], "in_stock");
    folder.ok(&["card", "send", "73282932000074", "GADT0001", "GADT0002"]);
    // The first press of RFC 4226, appendix D.
    let wrong = folder.run(&["card", "link", "GADT0001", "camille@boulangerie.example", "--code", "111111"]);
    assert!(wrong.code == 3 && wrong.err.contains("wrong code"), "{}", wrong.err);
    assert_eq!(folder.ok(&["card", "show", "GADT0001", "--json"]).json()["state"], "sent", "nothing half-done");
    let linked = folder.ok(&["card", "link", "GADT0001", "camille@boulangerie.example", "--code", "755224", "--json"]).json();
    assert_eq!(
        (&linked["state"], &linked["linked_by"], &linked["siret"]),
        (&"validated".into(), &"operator".into(), &"73282932000074".into())
    );
    assert_eq!(folder.ok(&["card", "list", "--state", "validated", "--json"]).json().as_array().unwrap().len(), 1);

    let back = folder.ok(&["card", "unlink", "GADT0001", "--reason", "loss", "--replace-by", "GADT0002", "--json"]).json();
    assert_eq!((&back["serial"], &back["state"]), (&"GADT0002".into(), &"linked".into()));
    assert_eq!(folder.ok(&["card", "show", "GADT0001", "--json"]).json()["state"], "lost");
    folder.ok(&["card", "unlink", "GADT0002", "--reason", "departure"]);
    folder.ok(&["card", "set-state", "GADT0002", "returned", "--reason", "sent back"]);
}

#[test]
fn what_cannot_be_done_with_a_card_is_said_with_its_status() {
    let folder = stocked();
    for (arguments, code, words) in [
        (&["card", "show", "GADT9999"][..], 4, "no card GADT9999"),
        (&["card", "show", "a/b"], 2, "as printed on the card"),
        (&["card", "send", "73282932000075", "GADT0001"], 2, "check digit"),
        (&["card", "send", "35600000000048", "GADT0001"], 4, "no establishment 35600000000048; declare it"),
        (&["card", "link", "GADT0001", "nobody@example.fr"], 4, "no account"),
        (&["card", "unlink", "GADT0001", "--reason", "theft"], 3, "nobody holds this card"),
        (&["card", "unlink", "GADT0001", "--reason", "boredom"], 2, "expected one of loss, theft"),
        (&["card", "set-state", "GADT0001", "validated"], 3, "by another command"),
        (&["card", "resync", "GADT0001", "755224", "287082"], 3, "nobody holds this card"),
    ] {
        let said = folder.run(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
    }
    folder.ok(&["card", "link", "GADT0001", "camille@boulangerie.example"]);
    let found = folder.ok(&["card", "resync", "GADT0001", "969429", "338314"]);
    assert!(found.err.contains("was found again"), "{}", found.err);
    let held = folder.run(&["card", "set-state", "GADT0001", "lost"]);
    assert!(held.code == 3 && held.err.contains("unlink it first"), "{}", held.err);
}

#[test]
fn establishments_are_declared_and_what_is_wrong_is_said_with_its_line() {
    let folder = Folder::in_place();
    let first = folder.write("org.toml", ORG).ok(&["apply", "org.toml"]);
    assert!(first.out.contains("+ establishment 73282932000074\n    name: Boulangerie Durand"), "{}", first.out);
    assert!(first.out.contains("+ membership camille@boulangerie.example 73282932000074\n    role: contact"), "{}", first.out);
    assert!(folder.ok(&["apply", "org.toml"]).out.ends_with("0 created, 0 changed, 2 unchanged\n"));
    let changed = folder.write("org.toml", &ORG.replace("\"contact\"", "\"manager\"")).ok(&["apply", "org.toml"]);
    assert!(changed.out.contains("    role: contact → manager"), "{}", changed.out);
    for (from, to, said) in [
        (
            "siret = \"732 829 320 00074\"",
            "siret = \"732 829 320 00075\"",
            "org.toml:3: establishment 732 829 320 00075: siret: the check digit",
        ),
        ("name = \"Boulangerie Durand\"", "name = \"\"", "org.toml:4: establishment 732 829 320 00074: name:"),
        ("camille@", "nobody@", "membership nobody@boulangerie.example: login_email: no account"),
        ("siret = \"73282932000074\"", "siret = \"35600000000048\"", "siret: no such establishment"),
        ("role = \"contact\"", "role = \"king\"", "org.toml:9: membership camille@boulangerie.example: role"),
        ("role = \"contact\"", "role = \"contact\"\nboss = true", "boss"),
    ] {
        let text = ORG.replacen(from, to, 1);
        assert_ne!(text, ORG);
        let refused = folder.write("bad.toml", &text).run(&["apply", "bad.toml"]);
        assert_eq!(refused.code, 1, "{said}: {}", refused.out);
        assert!(refused.err.replace("bad.toml", "org.toml").contains(said), "{said}: {}", refused.err);
    }
    let twice = folder.write("bad.toml", &format!("{ORG}{ORG}")).run(&["apply", "bad.toml"]);
    assert!(twice.err.matches("declared twice").count() == 2, "{}", twice.err);
}
