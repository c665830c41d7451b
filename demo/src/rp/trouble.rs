//! What can go wrong between a service and the hub, and how it is said to people.

use std::error::Error;

use axum::http::StatusCode;

/// Why a sign-in, a refresh or a sign-out did not work.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The hub cannot be reached or does not answer properly.
    Unreachable(String),
    /// The hub said no, in the words of RFC 6749.
    Refused { error: String, description: Option<String> },
    /// The callback belongs to no sign-in begun in this browser, or to one already finished.
    UnknownAttempt,
    /// The callback's parameters make no sense.
    Malformed,
    /// The hub's answer is not what this service can trust.
    Untrusted(String),
    /// The hub does not answer for the person any more.
    Lost,
    /// The form was sent from another site.
    ForeignForm,
}

impl Trouble {
    /// Not to be trusted, because of `error`.
    pub fn untrusted(error: &dyn Error) -> Self {
        Self::Untrusted(Self::chain(error))
    }

    /// Not usable, because of `error`.
    pub fn unreachable(error: &dyn Error) -> Self {
        Self::Unreachable(Self::chain(error))
    }

    /// `error` and its causes, on one line.
    pub fn chain(error: &dyn Error) -> String {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused { .. } | Self::Lost | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::UnknownAttempt | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Untrusted(_) => StatusCode::BAD_GATEWAY,
        }
    }

    pub fn title(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "La connexion est indisponible",
            Self::Refused { error, .. } => match error.as_str() {
                "access_denied" => "Vous n’êtes pas connecté",
                "login_required" | "interaction_required" => "Vous devez vous identifier",
                "invalid_grant" => "Votre connexion est terminée",
                _ => "La connexion n’a pas abouti",
            },
            Self::UnknownAttempt => "Cette tentative de connexion n’est plus valable",
            Self::Malformed => "Adresse incomplète",
            Self::Untrusted(_) => "La connexion a été refusée par précaution",
            Self::Lost => "Vous n’avez plus accès à ce service",
            Self::ForeignForm => "Demande refusée",
        }
    }

    pub fn text(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "Le service d’identification ne répond pas. Réessayez dans quelques instants.",
            Self::Refused { error, .. } => match error.as_str() {
                "access_denied" => "Vous avez interrompu la connexion, ou ce service ne vous est pas ouvert. Rien n’a été transmis.",
                "invalid_grant" => "Elle a expiré, ou vous vous êtes déconnecté ailleurs. Connectez-vous de nouveau pour continuer.",
                _ => "Le service d’identification n’a pas accepté la demande. Vous pouvez réessayer.",
            },
            Self::UnknownAttempt => {
                "Elle a expiré, elle a déjà servi, ou elle a commencé dans un autre navigateur. Recommencez depuis ce service."
            }
            Self::Malformed => "L’adresse de retour est incomplète ou abîmée. Recommencez depuis ce service.",
            Self::Untrusted(_) => "La réponse reçue n’est pas celle que ce service attendait. Vous n’êtes pas connecté.",
            Self::Lost => {
                "Votre accès ou votre place dans l’établissement a été retiré, ou votre session a expiré\u{a0}: vous êtes déconnecté de ce \
                 service. Vos demandes sont conservées. Connectez-vous de nouveau, ou adressez-vous au gestionnaire de compte de votre établissement."
            }
            Self::ForeignForm => "Cette action doit être faite depuis une page de ce service.",
        }
    }

    /// For whoever maintains the service; never a secret.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Unreachable(detail) | Self::Untrusted(detail) => Some(detail.clone()),
            Self::Refused { error, description: Some(description) } => Some(format!("{error}: {description}")),
            Self::Refused { error, description: None } => Some(error.clone()),
            Self::UnknownAttempt | Self::Malformed | Self::Lost | Self::ForeignForm => None,
        }
    }
}
