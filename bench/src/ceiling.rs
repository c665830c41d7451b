//! What this machine can do at most: an empty handler (E), one that reads a form and signs a token (S), and password hashes.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Serves both handlers until the process is stopped. As many threads as cores it may use, as the hub does.
pub fn serve(port: u16) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok().context("key")?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).ok().context("key")?;
        let key: &'static EcdsaKeyPair = Box::leak(Box::new(key));
        let router = Router::new().route("/empty", get(|| async { "ok" })).route("/sign", post(sign)).with_state(key);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(axum::serve::ListenerExt::tap_io(listener, |s| drop(s.set_nodelay(true))), router).await?;
        Ok(())
    })
}

async fn sign(State(key): State<&'static EcdsaKeyPair>, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    let text = |name: &str| form.get(name).map_or("", String::as_str);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut jti = [0; 12];
    let _ = aws_lc_rs::rand::fill(&mut jti);
    let claims = json!({
        "iss": "http://localhost", "sub": text("client_id"), "aud": "http://localhost", "exp": now + 600, "iat": now,
        "jti": format!("client.{}", URL_SAFE_NO_PAD.encode(jti)), "client_id": text("client_id"), "scope": text("scope"),
    });
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}"#;
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).map(|s| URL_SAFE_NO_PAD.encode(s)).unwrap_or_default();
    Json(json!({ "access_token": format!("{signed}.{signature}"), "token_type": "Bearer", "expires_in": 600, "scope": text("scope") }))
}

/// Hashes passwords on one thread with kept memory for so long; prints `count nanoseconds-of-processor-time`.
pub fn hash(memory: u32, passes: u32, time: Duration) -> Result<()> {
    let params = Params::new(memory, passes, 1, Some(32)).map_err(|e| anyhow::anyhow!("{e}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut blocks = vec![Block::default(); params.block_count()];
    let (start, mut count, mut out) = (Instant::now(), 0_u32, [0; 32]);
    let before = crate::process::cpu(std::process::id())?;
    while start.elapsed() < time {
        argon2
            .hash_password_into_with_memory(b"une phrase assez longue 2026", &count.to_be_bytes().repeat(4), &mut out, &mut blocks)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        count += 1;
    }
    let wall = start.elapsed();
    let used = crate::process::cpu(std::process::id())? - before;
    println!("{count} {} {}", wall.as_nanos(), used.as_nanos());
    Ok(())
}
