//! The gateway of short messages over TLS: only one whose certificate is trusted, and for its name, is told anything.

use guichet::base::phone::Mobile;
use guichet::config::Sms;
use guichet::sms::gateway::{Failure, Gateway};

use crate::support::gateway_tls::TlsGateway;

const TEXT: &str = "Votre code : 123 456";

fn to() -> Mobile {
    Mobile::parse("06 12 34 56 78").unwrap()
}

fn config(gateway: &TlsGateway) -> Sms {
    Sms { url: Some(gateway.url()), ..Sms::default() }
}

async fn send(config: &Sms) -> Result<(), Failure> {
    Gateway::new(config).unwrap().unwrap().send(&to(), TEXT).await
}

#[tokio::test]
async fn a_gateway_of_a_trusted_authority_is_asked_over_tls() {
    let (gateway, folder) = (TlsGateway::start("localhost"), tempfile::tempdir().unwrap());
    let trusting = Sms { ca_file: Some(gateway.authority(folder.path())), ..config(&gateway) };
    send(&trusting).await.unwrap();
    let heard: serde_json::Value = serde_json::from_str(&gateway.heard()[0]).unwrap();
    assert_eq!((heard["to"].as_str(), heard["text"].as_str()), (Some("+33612345678"), Some(TEXT)));
}

#[tokio::test]
async fn a_gateway_nobody_vouches_for_or_of_another_name_is_told_nothing() {
    let (unknown, other, folder) = (TlsGateway::start("localhost"), TlsGateway::start("sms.example"), tempfile::tempdir().unwrap());
    let refused = send(&config(&unknown)).await;
    assert!(matches!(&refused, Err(Failure::Transient(why)) if why.contains("ertificate")), "{refused:?}");
    let misnamed = Sms { ca_file: Some(other.authority(folder.path())), ..config(&other) };
    let refused = send(&misnamed).await;
    assert!(matches!(&refused, Err(Failure::Transient(why)) if why.contains("ertificate")), "{refused:?}");
    assert!(unknown.heard().is_empty() && other.heard().is_empty());
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for url in ["http://sms.example.fr/send", "http://10.0.0.3/send", "http://localhost.example.fr/send", "http://[2a01:e0a::1]/send"] {
        let refused = Gateway::new(&Sms { url: Some(url.parse().unwrap()), ..Sms::default() }).err().unwrap().to_string();
        assert!(refused.contains("sms.url") && refused.contains("not https"), "{url}: {refused}");
    }
    for url in ["http://127.0.0.1:9/send", "http://localhost:9/send", "http://telephone.localhost:8000/send", "https://sms.example.fr/send"]
    {
        assert!(Gateway::new(&Sms { url: Some(url.parse().unwrap()), ..Sms::default() }).unwrap().is_some(), "{url}");
    }
}
