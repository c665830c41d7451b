//! The keys of a deployment. A master key outside the database opens one random root secret inside it; every
//! purpose has its own key derived from the root, so nothing stored depends on the master key itself.

use std::path::Path;

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::{MacKey, Sealer, store};
use crate::base::encode::{b64u, from_b64u};
use crate::base::{Ctx, rng};
use crate::db::{self, Db};

/// A key that the operator keeps outside the database.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why the keys cannot be had. The server refuses to start; nothing is silently made anew.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or variable is absent or unreadable.
    #[error("master key: {0}")]
    Master(String),
    /// The database was sealed with another master key.
    #[error("the master key does not open this database: it was initialised with another one")]
    WrongMaster,
    /// The library refused a key of the right size.
    #[error("key derivation failed")]
    Derivation,
    /// The store failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl MasterKey {
    /// From 32 bytes as base64url text.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let bytes = Zeroizing::new(from_b64u(text.trim()).unwrap_or_default());
        let key: [u8; 32] =
            bytes.as_slice().try_into().map_err(|_| Error::Master("expected 32 bytes as unpadded base64url (43 characters)".into()))?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// From a file that only its owner may read (mode 0600).
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let said = |e: std::io::Error| Error::Master(format!("{}: {e}", path.display()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_err(said)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(Error::Master(format!("{}: mode {mode:o}, expected 600", path.display())));
            }
        }
        Self::from_text(&Zeroizing::new(std::fs::read_to_string(path).map_err(said)?))
    }

    /// Writes a new key to `path`, mode 0600; an existing file is never overwritten.
    pub fn create_file(path: &Path, rng: &dyn rng::Rng) -> Result<Self, Error> {
        use std::io::Write;
        let said = |e: std::io::Error| Error::Master(format!("{}: {e}", path.display()));
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(said)?;
        }
        let key = Self(Zeroizing::new(rng::bytes::<32>(rng)));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(said)?;
        file.write_all(format!("{}\n", b64u(key.0.as_slice())).as_bytes()).map_err(said)?;
        file.sync_all().map_err(said)?;
        Ok(key)
    }

    /// A key from a generator: demonstrations and tests.
    pub fn random(rng: &dyn rng::Rng) -> Self {
        Self(Zeroizing::new(rng::bytes::<32>(rng)))
    }
}

/// Keys by purpose.
#[derive(Debug)]
pub struct Keys {
    /// Seals private keys and outbox payloads at rest.
    pub rest: Sealer,
    /// Seals interactions and relay answers carried by browsers.
    pub browser: Sealer,
    /// CSRF tokens of forms.
    pub csrf: MacKey,
    /// E-mail codes and counters keyed by what a person typed.
    pub code: MacKey,
    /// Client secrets.
    pub client_secret: MacKey,
    /// Pairwise subjects (OpenID Connect Core §8.1).
    pub subject: MacKey,
}

const ROOT: &str = "root";

impl Keys {
    /// Whether this database has its root secret: a new one has none.
    pub async fn exist(h: &mut impl db::Handle) -> Result<bool, Error> {
        Ok(store::find_secret(h, ROOT).await?.is_some())
    }

    /// Opens the root secret of this database, or makes it when the database is new.
    pub async fn open(db: &Db, master: &MasterKey, ctx: &Ctx) -> Result<Self, Error> {
        let sealer = Sealer::new(&master.0).map_err(|_| Error::Derivation)?;
        let stored = store::find_secret(&mut db.read().await?, ROOT).await?;
        let sealed = match stored {
            Some(sealed) => sealed,
            None => {
                let fresh = Zeroizing::new(rng::bytes::<32>(ctx.rng.as_ref()));
                let sealed = sealer.seal(ROOT, fresh.as_slice()).map_err(|_| Error::Derivation)?;
                let mut tx = db.begin().await?;
                // Two nodes may start together: the first one's secret stands.
                let sealed = store::insert_secret(&mut tx, ROOT, &sealed, ctx.now()).await?;
                tx.commit().await?;
                sealed
            }
        };
        let root = Zeroizing::new(sealer.open(ROOT, &sealed).map_err(|_| Error::WrongMaster)?);
        Self::derive(&root)
    }

    fn derive(root: &[u8]) -> Result<Self, Error> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"guichet").extract(root);
        let key = |purpose: &str| -> Result<Zeroizing<[u8; 32]>, Error> {
            let mut out = Zeroizing::new([0; 32]);
            prk.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(out.as_mut_slice()))
                .map_err(|_| Error::Derivation)?;
            Ok(out)
        };
        let sealer = |purpose: &str| key(purpose).and_then(|k| Sealer::new(&k).map_err(|_| Error::Derivation));
        let mac = |purpose: &str| key(purpose).map(|k| MacKey::new(&k));
        Ok(Self {
            rest: sealer("rest")?,
            browser: sealer("browser")?,
            csrf: mac("csrf")?,
            code: mac("code")?,
            client_secret: mac("client_secret")?,
            subject: mac("subject")?,
        })
    }
}
