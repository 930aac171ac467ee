package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// patience is how long a whole delivery may take.
const patience = 45 * time.Second

// deliver hands one letter to the mail server; without a letter it only connects and signs in. nil is success. Once begun it
// goes on to its end even when ctx ends: a letter cut off after the server took it would go out twice.
func (s setup) deliver(ctx context.Context, roots *x509.CertPool, letter *gomail.Msg) *Trouble {
	if ctx.Err() != nil {
		return &Trouble{Reason: CutOff}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if s.check() != nil {
		return &Trouble{Reason: Unset}
	}
	secure := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: roots}
	var conn net.Conn
	options := []gomail.Option{gomail.WithPort(s.portOr()), gomail.WithTimeout(patience), gomail.WithHELO(s.siteHost()),
		gomail.WithTLSConfig(secure), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			if s.security == TLS {
				conn, err = (&tls.Dialer{Config: secure}).DialContext(ctx, network, address)
			} else {
				conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
			}
			return conn, err
		})}
	defer func() {
		if conn != nil {
			_ = conn.Close() // the library leaves it open when the server turns us away
		}
	}()
	if s.security == STARTTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	} else {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return &Trouble{Reason: Unset}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return troubleOf(err, false)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if letter == nil {
		_ = client.CloseWithSMTPClient(session)
		return nil
	}
	err = client.SendWithSMTPClient(session, letter)
	if letter.IsDelivered() {
		err = nil // what goes wrong after the server took it would only make it go out twice
	}
	_ = client.CloseWithSMTPClient(session)
	if err != nil {
		return troubleOf(err, true)
	}
	return nil
}

// portOr is the port that is set, or the usual one.
func (s setup) portOr() int {
	switch {
	case s.port != 0:
		return s.port
	case s.security == TLS:
		return 465
	case s.security == Plain:
		return 25
	}
	return 587
}

// troubleOf says in our words why a delivery failed. What is wrong between us and our mail server may be mended, so it is
// tried again; what the server says for good about this letter is final. begun is false until the letter's own turn.
func troubleOf(err error, begun bool) *Trouble {
	var (
		sending *gomail.SendError
		reply   *textproto.Error
		noName  *net.DNSError
		network *net.OpError
	)
	switch {
	case errors.As(err, &sending) && sending.ErrorCode() != 0:
		t := reasonOf(sending.ErrorCode(), sending.EnhancedStatusCode())
		if sending.Reason == gomail.ErrSMTPMailFrom && sending.ErrorCode() >= 500 {
			t.Reason, t.Final = Sender, false
		}
		return t
	case begun:
		return &Trouble{Reason: CutOff}
	case isTLS(err):
		return &Trouble{Reason: BadTLS}
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return &Trouble{Reason: NoTLS}
	case errors.As(err, &reply):
		t := reasonOf(reply.Code, "")
		t.Final = false
		if strings.Contains(err.Error(), "AUTH") && reply.Code >= 500 {
			t.Reason = Login
		}
		return t
	case strings.Contains(err.Error(), "AUTH"):
		return &Trouble{Reason: Login}
	case errors.As(err, &noName):
		return &Trouble{Reason: NoServer}
	case errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded):
		return &Trouble{Reason: NoAnswer}
	}
	return &Trouble{Reason: CutOff}
}

func isTLS(err error) bool {
	var (
		unknown *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	return errors.As(err, &unknown) || errors.As(err, &record) || errors.As(err, &alert)
}

// reasonOf reads a server's numbers: the reply's (RFC 5321, 4.2) and the enhanced one (RFC 3463), which says more.
func reasonOf(code int, enhanced string) *Trouble {
	t := &Trouble{Code: strings.TrimSpace(fmt.Sprint(code) + " " + enhanced), Final: code >= 500}
	if code == 0 {
		t.Code, t.Final = enhanced, strings.HasPrefix(enhanced, "5.")
	}
	_, subject, _ := strings.Cut(enhanced, ".")
	switch subject {
	case "1.1", "1.3", "1.6", "2.1", "1.0", "1.10":
		t.Reason = Mailbox
	case "1.2", "4.4", "1.9":
		t.Reason = Domain
	case "1.7", "1.8":
		t.Reason = Sender
	case "2.2":
		t.Reason = Full
	case "2.3", "3.4":
		t.Reason = TooLarge
	case "4.7":
		t.Reason = Unreached
	default:
		t.Reason = Refused
		switch {
		case strings.HasPrefix(subject, "7."):
			t.Reason = Policy
		case subject != "":
		case code == 550 || code == 551 || code == 553:
			t.Reason = Mailbox
		case code == 552:
			t.Reason = Full
		case code == 554:
			t.Reason = Policy
		}
	}
	if !t.Final {
		t.Reason = Later
	}
	return t
}

// enhancedCode is the form of RFC 3463.
var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)
