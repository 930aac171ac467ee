package webtest

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a device with passkeys that the browser plays. Whoever asks it for one gets it at once, without a dialog.
type Authenticator struct {
	w  *Window
	id webauthn.AuthenticatorID
}

// Authenticator puts such a device beside the window: built in, with somebody's finger on it.
func (w *Window) Authenticator() *Authenticator {
	w.t.Helper()
	call(w, webauthn.Enable, webauthn.EnableParams{})
	made := call(w, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	return &Authenticator{w, made.AuthenticatorID}
}

// Verified says whether the finger is the right one from now on.
func (a *Authenticator) Verified(yes bool) {
	a.w.t.Helper()
	call(a.w, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes})
}

// Present says whether somebody touches the device when it asks for that.
func (a *Authenticator) Present(yes bool) {
	a.w.t.Helper()
	call(a.w, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: a.id, Enabled: yes})
}

func call[P, R any](w *Window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	out, err := chromedp.Call(w.ctx, command, params)
	if err != nil {
		w.t.Fatalf("browser: %v", err)
	}
	return out
}
