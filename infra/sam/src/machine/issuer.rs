//! The local token issuer: it takes the place of the identity provider, signs tokens for whoever asks, and checks
//! them as an API Gateway JWT authorizer does.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, sync::LazyLock};

use anyhow::Context as _;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use lambda::{Role, SCOPES};
use serde_json::{Map, Value, json};

use super::Clock;

/// Who the tokens are for.
pub const AUDIENCE: &str = "perennial";
/// How long a token lasts: a working day.
pub const LIFETIME_SECONDS: i64 = 12 * 60 * 60;
/// How far the clock that a token was signed by may be ahead: clocks are set back a little now and then.
const AHEAD_SECONDS: i64 = 30;

/// The `scope` claim of a role: its name, and every scope that it may use.
fn scope(role: Role) -> String {
    role.scopes().join(" ")
}

/// Whether some role may use `scope`.
#[must_use]
pub fn knows(scope: &str) -> bool {
    SCOPES.iter().any(|(known, _)| known.name() == scope)
}

/// Signs and checks tokens with one RSA key.
pub struct Issuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Jwk,
    url: String,
    clock: Clock,
}

/// Why a token is refused, in words for its bearer.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl Issuer {
    /// An issuer that is reached at `url`, with the key in `file`, made at the first start, or with one that lives
    /// as long as the process.
    pub fn open(file: Option<&Path>, url: &str, clock: Clock) -> anyhow::Result<Self> {
        let pem = match file {
            Some(file) => kept(file).with_context(|| format!("the issuer's key {}", file.display()))?,
            None => shared()?,
        };
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).context("the issuer's key is not an RSA key")?;
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::RS256)?;
        public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256)?);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { decoding: DecodingKey::from_jwk(&public)?, encoding, public, url: url.to_owned(), clock })
    }

    /// A token for `subject` in `role`.
    pub fn token(&self, role: Role, subject: &str) -> String {
        self.token_with(subject, &scope(role))
    }

    /// A token for a subject with any scopes, for tests of what they open.
    #[must_use]
    pub fn token_with(&self, subject: &str, scopes: &str) -> String {
        self.token_of(subject, &json!({ "scope": scopes }))
    }

    /// A token for a subject with any claims, for tests of how identity providers write them.
    #[must_use]
    pub fn token_of(&self, subject: &str, claims: &Value) -> String {
        let now = self.clock.now().as_second();
        let mut all = self.lasting(subject, now, now + LIFETIME_SECONDS);
        for (name, claim) in claims.as_object().into_iter().flatten() {
            all[name] = claim.clone();
        }
        self.sign(&all)
    }

    /// A token for `subject` in `role` that lasts from one instant until a working day after another.
    #[must_use]
    pub fn token_between(&self, role: Role, subject: &str, from: Timestamp, until: Timestamp) -> String {
        let mut claims = self.lasting(subject, from.as_second(), until.as_second() + LIFETIME_SECONDS);
        claims["scope"] = json!(scope(role));
        self.sign(&claims)
    }

    fn lasting(&self, subject: &str, from: i64, until: i64) -> Value {
        json!({"iss": self.url, "aud": AUDIENCE, "sub": subject, "iat": from, "nbf": from, "exp": until})
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: self.public.common.key_id.clone(), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.encoding).expect("a key that was opened signs")
    }

    /// The claims of a token that is signed by this issuer, meant for this API, and valid now.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, Invalid> {
        let invalid = |words: &str| Invalid(words.to_owned());
        if token.is_empty() {
            return Err(invalid("there is no token: Authorization: Bearer ... is needed"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_none| invalid("the token is no signed JWT"))?;
        self.is_issued_here(token)?;
        if header.kid != self.public.common.key_id {
            return Err(invalid("the token is signed with another key: the platform has a new one, get a new token"));
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.url]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // The platform's clock decides, which may be a virtual one.
        validation.validate_exp = false;
        let claims: Map<String, Value> =
            jsonwebtoken::decode(token, &self.decoding, &validation).map_err(|error| invalid(wrong(&error)))?.claims;
        let now = self.clock.now();
        let time = |claim: &str| Timestamp::from_second(claims.get(claim).and_then(Value::as_i64)?).ok();
        match time("exp") {
            Some(expiry) if expiry > now => {}
            Some(expiry) => return Err(Invalid(format!("the token has expired at {expiry}; it is {now}"))),
            None => return Err(invalid("the token does not say until when it is valid")),
        }
        let not_yet = |start: &Timestamp| start.as_second() > now.as_second().saturating_add(AHEAD_SECONDS);
        match ["nbf", "iat"].into_iter().find_map(|claim| time(claim).filter(not_yet)) {
            Some(start) => Err(Invalid(format!("the token is not valid yet: from {start} on; it is {now}"))),
            None => Ok(claims),
        }
    }

    /// Whoever holds a token of another platform is told which: no signature is needed to say so.
    fn is_issued_here(&self, token: &str) -> Result<(), Invalid> {
        let said = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token);
        let said = said.map_err(|_none| Invalid("the token is no signed JWT".to_owned()))?.claims;
        match said.get("iss").and_then(Value::as_str) {
            Some(issuer) if issuer == self.url => Ok(()),
            Some(other) => Err(Invalid(format!("the token is issued by {other}, and this is {}", self.url))),
            None => Err(Invalid("the token does not say by whom it is issued".to_owned())),
        }
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The public key, as a JSON web key set.
    pub fn keys(&self) -> Value {
        json!({ "keys": [self.public] })
    }

    /// The OpenID discovery document.
    pub fn discovery(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}/.well-known/jwks.json", self.url),
            "token_endpoint": format!("{}/local/tokens", self.url),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        })
    }
}

/// What is wrong with a token.
fn wrong(error: &jsonwebtoken::errors::Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidAudience => "the token is meant for another API",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks iss, aud or exp",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "the token is not signed with RS256",
        ErrorKind::InvalidSignature | ErrorKind::Base64(_) => "the token's signature is wrong",
        _ => "the token is no signed JWT",
    }
}

/// The key in `file`; readable by its owner alone, because it opens every member's account on this machine.
fn kept(file: &Path) -> anyhow::Result<String> {
    match std::fs::read_to_string(file) {
        Ok(pem) => Ok(pem),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let pem = generate()?;
            // Beside it first: a kill must not leave half a key.
            let beside = file.with_extension("new");
            let mut new =
                std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            new.write_all(pem.as_bytes())?;
            new.sync_all()?;
            std::fs::rename(&beside, file)?;
            Ok(pem)
        }
        Err(error) => Err(error.into()),
    }
}

/// One key for every issuer without a file, because making one takes a tenth of a second: a token names the URL of
/// its issuer, and that keeps them apart.
fn shared() -> anyhow::Result<String> {
    static KEY: LazyLock<Result<String, String>> = LazyLock::new(|| generate().map_err(|error| format!("{error:#}")));
    KEY.clone().map_err(anyhow::Error::msg)
}

fn generate() -> anyhow::Result<String> {
    let key = KeyPair::generate(KeySize::Rsa2048).context("no RSA key could be made")?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).context("the RSA key cannot be written")?;
    let text = BASE64_STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use jiff::SignedDuration;

    use super::*;
    use crate::machine::VirtualClock;

    const URL: &str = "http://127.0.0.1:8080";

    fn issuer(clock: &VirtualClock) -> Issuer {
        Issuer::open(None, URL, Clock::Virtual(clock.clone())).unwrap()
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let clock = VirtualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        let issuer = issuer(&clock);
        let token = issuer.token(Role::Member, "m-1");
        let claims = issuer.verify(&token).unwrap();
        assert_eq!(claims["sub"], "m-1");
        let scope = claims["scope"].as_str().unwrap();
        assert!(scope.starts_with("member quotes:read redemptions:write holds:write donations:write "), "{scope}");
        assert_eq!(scope.split(' ').collect::<Vec<_>>(), Role::Member.scopes());

        clock.advance(SignedDuration::from_secs(LIFETIME_SECONDS - 1));
        assert!(issuer.verify(&token).is_ok());
        clock.advance(SignedDuration::from_secs(1));
        let Invalid(why) = issuer.verify(&token).unwrap_err();
        assert_eq!(why, "the token has expired at 2026-03-01T12:00:00Z; it is 2026-03-01T12:00:00Z");
        clock.set("2026-02-28T23:59:30Z".parse().unwrap());
        assert!(issuer.verify(&token).is_ok(), "a clock that was set back a little");
        clock.set("2026-02-28T23:59:29Z".parse().unwrap());
        assert!(issuer.verify(&token).is_err());
        clock.set(Timestamp::UNIX_EPOCH);
        let Invalid(why) = issuer.verify(&token).unwrap_err();
        assert_eq!(why, "the token is not valid yet: from 2026-03-01T00:00:00Z on; it is 1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_token_of_another_issuer_audience_key_or_algorithm_is_refused() {
        let clock = VirtualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        let issuer = issuer(&clock);
        let claims = |name: &str, value: &str| {
            let mut claims = json!({ "iss": URL, "aud": AUDIENCE, "sub": "m-1", "exp": 4_000_000_000_i64 });
            claims[name] = json!(value);
            claims
        };
        let sign = |claims: &Value| issuer.sign(claims);
        assert!(issuer.verify(&sign(&claims("sub", "m-2"))).is_ok());
        assert!(issuer.verify(&sign(&claims("aud", "another"))).is_err());
        let Invalid(why) = issuer.verify(&sign(&claims("iss", "http://127.0.0.1:9999"))).unwrap_err();
        assert_eq!(why, format!("the token is issued by http://127.0.0.1:9999, and this is {URL}"));
        assert!(issuer.verify(&sign(&json!({ "iss": URL, "aud": AUDIENCE }))).is_err(), "exp is required");

        let directory = tempfile::tempdir().unwrap();
        let other = directory.path().join("another.key");
        let other = Issuer::open(Some(&other), URL, Clock::Virtual(clock.clone())).unwrap();
        assert!(issuer.verify(&other.sign(&claims("sub", "m-1"))).is_err(), "another key");
        let header = Header { kid: issuer.public.common.key_id.clone(), ..Header::new(Algorithm::RS256) };
        let forged = jsonwebtoken::encode(&header, &claims("sub", "m-1"), &other.encoding).unwrap();
        assert!(issuer.verify(&forged).is_err(), "another key under our key id");

        let header = Header { kid: issuer.public.common.key_id.clone(), ..Header::new(Algorithm::HS256) };
        let modulus = serde_json::to_string(&issuer.public).unwrap();
        let confused =
            jsonwebtoken::encode(&header, &claims("sub", "m-1"), &EncodingKey::from_secret(modulus.as_bytes()));
        assert!(issuer.verify(&confused.unwrap()).is_err(), "a public key is no shared secret");

        let valid = sign(&claims("sub", "m-1"));
        let (_, rest) = valid.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let unsigned = base64::prelude::BASE64_URL_SAFE_NO_PAD
            .encode(json!({ "alg": "none", "kid": issuer.public.common.key_id }).to_string());
        for token in [format!("{unsigned}.{payload}."), format!("{unsigned}.{rest}"), String::new(), "a.b.c".to_owned()]
        {
            assert!(issuer.verify(&token).is_err(), "{token}");
        }
    }

    #[test]
    fn the_key_is_kept_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("issuer.key");
        let first = Issuer::open(Some(&file), URL, Clock::System).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Issuer::open(Some(&file), URL, Clock::System).unwrap();
        assert!(second.verify(&first.token(Role::Admin, "me")).is_ok());
        assert_eq!(first.keys(), second.keys());

        std::fs::write(&file, "nonsense").unwrap();
        assert!(Issuer::open(Some(&file), URL, Clock::System).is_err());
    }
}
