package door

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"giaoban/internal/web"
)

// relying is this site as browsers keep passkeys for it (WebAuthn's relying party): the name of its host, to which passkeys are
// bound, and the one origin from which answers are taken.
type relying struct {
	*webauthn.WebAuthn
	Origin string
	Why    string // why there can be no passkeys: noAddress or noName; empty when there can
}

const (
	noAddress = "no-address" // the owner has not said where people reach the site
	noName    = "no-name"    // people reach it by a bare number, to which nothing can be bound
)

// relyingOf makes it of the address that the owner has set. Without one, a site that is reached as localhost takes that: no
// browser of anybody else can be made to believe that it is there.
func relyingOf(address, host string) (relying, error) {
	if name, _, err := net.SplitHostPort(host); address == "" && (host == "localhost" || err == nil && name == "localhost") {
		address = "http://" + host
	}
	if address == "" {
		return relying{Why: noAddress}, nil
	}
	u, err := url.Parse(strings.ToLower(address))
	if err != nil {
		return relying{}, err
	}
	if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port) // as browsers write origins
	}
	rp := relying{Origin: u.Scheme + "://" + u.Host}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || u.Scheme != "https" && !web.Loopback(u.Hostname()) {
		rp.Why = noName
		return rp, nil
	}
	rp.WebAuthn, err = webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Giaoban", RPOrigins: []string{rp.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: ceremonyMinutes * time.Minute},
			Registration: webauthn.TimeoutConfig{Timeout: ceremonyMinutes * time.Minute}},
		// Some password managers answer more than they are asked. Nothing is made of it.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	return rp, err
}

// keyKinds are the signatures that are taken of passkeys, the preferred first: ECDSA on P-256, Ed25519, and RSA for Windows on
// older machines.
func keyKinds() []protocol.CredentialParameter {
	var out []protocol.CredentialParameter
	for _, kind := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		out = append(out, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: kind})
	}
	return out
}
