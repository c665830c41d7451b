//! Published vectors of each scheme, and what is refused.

use super::*;

fn right(text: &str, password: &str) -> bool {
    let foreign = Foreign::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    // What rests in the store reads back as the same recipe.
    let stored = serde_json::to_string(foreign.recipe()).unwrap();
    let recipe: Recipe = serde_json::from_str(&stored).unwrap();
    assert_eq!(&recipe, foreign.recipe());
    recipe.digest(password.as_bytes()).is_some_and(|d| d.as_slice() == foreign.digest())
}

fn check(vectors: &[(&str, &str)]) {
    for (password, text) in vectors {
        assert!(right(text, password), "{text} {password}");
        assert!(!right(text, &format!("{password}x")) || password.len() > 71, "{text} {password}x");
        assert!(!right(text, password.get(1..).unwrap_or("y")), "{text} without the first letter");
    }
}

/// crypt_blowfish's and jBCrypt's own tests.
#[test]
fn bcrypt_vectors() {
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored";
    check(&[
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("U*U*U", "{CRYPT}$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("U*U*U", "{bcrypt}$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("U*U*U", "bcrypt$$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        (long, "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"),
        (&long[..72], "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"),
    ]);
}

#[test]
fn bcrypt_stops_where_its_system_did() {
    let text = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    assert!(right(text, "U*U\0anything"));
    let recipe = Foreign::parse(text).unwrap().recipe;
    assert!(recipe.reads_whole(b"U*U") && recipe.reads_whole(&[b'a'; 71]));
    assert!(!recipe.reads_whole(b"U*U\0anything") && !recipe.reads_whole(&[b'a'; 72]));
}

/// RFC 6070, Django's and passlib's own tests.
#[test]
fn pbkdf2_vectors() {
    check(&[
        ("password", "pbkdf2_sha1$1$salt$DGDID5YfDnHzqbUkr2ASBi/gN6Y="),
        ("password", "pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE="),
        ("lètmein", "pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo="),
        ("lètmein", "pbkdf2_sha1$260000$seasalt2$wAibXvW6jgvatCdONi6SMJ6q7mI="),
        ("password", "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44"),
        ("password", "{PBKDF2-SHA256}6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44"),
        ("password", "$pbkdf2-sha256$i=6400,l=32$+6UI/S+nXIk8jcbdHx3Fhg==$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44="),
        // RFC 6070, third vector.
        ("password", "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE"),
    ]);
}

/// PBKDF2-HMAC-SHA-512, against OpenSSL.
#[test]
fn pbkdf2_sha512_agrees_with_openssl() {
    let mut out = [0; 64];
    openssl::pkcs5::pbkdf2_hmac(b"cheval", b"sel de mer", 1_000, openssl::hash::MessageDigest::sha512(), &mut out).unwrap();
    let text = |b: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, b).replace('+', ".");
    check(&[("cheval", &format!("$pbkdf2-sha512$1000${}${}", text(b"sel de mer"), text(&out)))]);
}

/// RFC 7914 §12, passlib's documentation and Django's tests.
#[test]
fn scrypt_vectors() {
    check(&[
        (
            "password",
            "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
        ),
        ("lètmein", "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw=="),
    ]);
}

/// The reference implementation's tests.
#[test]
fn argon2_vectors() {
    check(&[
        ("password", "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E"),
        ("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
        ("password", "argon2$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
        ("password", "$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs"),
    ]);
}

/// hashcat's published examples of modes 111, 1411 and 1711.
#[test]
fn ldap_vectors() {
    check(&[
        ("hashcat", "{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng=="),
        ("hashcat", "{SSHA256}OZiz0cnQ5hgyel3Emh7NCbhBRCQ+HVBwYplQunHYnER7TLuV"),
        ("hashcat", "{SSHA512}ALtwKGBdRgD+U0fPAy31C28RyKYx7+a8kmfksccsOeLknLHv2DBXYI7TDnTolQMBuPkWDISgZr2cHfnNPFjGZTEyNDU4OTkw"),
    ]);
}

/// phpass's own test, passlib's documentation, and hashcat's examples of modes 400 and 7900.
#[test]
fn phpass_and_drupal_vectors() {
    check(&[
        ("test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
        ("password", "$P$8ohUJ.1sdFw09/bMaAQPTGDNi2BIUt1"),
        ("hashcat", "$H$984478476IagS59wHZvyQMArzfx58u."),
        ("hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"),
    ]);
    let drupal = Foreign::parse("$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf").unwrap();
    assert!(drupal.recipe.digest(&[b'a'; 513]).is_none(), "nobody makes us hash a long text thousands of times");
}

#[test]
fn what_one_verification_cannot_afford_is_refused_by_name() {
    for (text, said) in [
        ("$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "cost = 14 is more than 13"),
        ("pbkdf2_sha256$2000001$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=", "rounds = 2000001"),
        ("$scrypt$ln=17,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw", "memory in bytes = 134217728"),
        ("$scrypt$ln=16,r=8,p=4$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw", "N × r × p"),
        ("$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "memory in KiB = 102400"),
        ("$argon2id$v=19$m=65536,t=9,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "memory × passes"),
        ("$P$Q8ohUJ.1sdFw09/bMaAQPTGDNi2BIU1", "binary logarithm of rounds"),
        ("$S$S33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", "binary logarithm of rounds"),
    ] {
        let refused = Foreign::parse(text).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(said), "{text}: {refused}");
        assert!(!refused.contains("c29tZXNhbHQ"), "a message holds nothing of the hash");
    }
}

#[test]
fn what_is_no_hash_is_refused() {
    for text in [
        "",
        "motdepasse",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$hash",
        "$6$rounds=5000$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr/36eYqO",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "{SMD5}AAAA",
        "{\"scheme\":\"salted\",\"hash\":\"sha1\",\"salt\":\"AAAA\"}$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        &"$2a$".repeat(500),
    ] {
        assert_eq!(Foreign::parse(text).map(|_| ()), Err(Unusable::Unknown), "{text}");
    }
    for text in [
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
        "$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "pbkdf2_md5$1$salt$DGDID5YfDnHzqbUkr2ASBi/gN6Y=",
        "pbkdf2_sha1$0$salt$DGDID5YfDnHzqbUkr2ASBi/gN6Y=",
        "pbkdf2_sha1$1$salt$AA==",
        "scrypt$16383$seasalt$8$5$ECMIUp+LMxMSK8xB",
        "$scrypt$ln=63,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp",
        "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=19$m=256,t=2,p=1,data=AAAA$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "{SSHA}AAAA",
        "{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc4=",
        "{SSHA}*",
        "$P$8ohUJ.1sdFw09/bMaAQPTGDNi2BIUt",
        "$P$zohUJ.1sdFw09/bMaAQPTGDNi2BIUt1",
    ] {
        assert!(matches!(Foreign::parse(text).map(|_| ()), Err(Unusable::Malformed(_))), "{text}");
    }
}

#[test]
fn weak_is_what_is_below_todays_measure() {
    for (text, weak) in [
        ("$2b$09$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true),
        ("$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false),
        ("pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=", true),
        ("pbkdf2_sha256$600000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=", false),
        ("$scrypt$ln=14,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw", true),
        ("$scrypt$ln=16,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw", false),
        ("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", true),
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", false),
        ("{SSHA512}ALtwKGBdRgD+U0fPAy31C28RyKYx7+a8kmfksccsOeLknLHv2DBXYI7TDnTolQMBuPkWDISgZr2cHfnNPFjGZTEyNDU4OTkw", true),
        ("$P$8ohUJ.1sdFw09/bMaAQPTGDNi2BIUt1", true),
    ] {
        assert_eq!(Foreign::parse(text).unwrap().recipe().is_weak(), weak, "{text}");
    }
}
