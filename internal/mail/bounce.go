package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"

	"giaoban/internal/fault"
)

// bounce is what a delivery status notification tells of one of our letters.
type bounce struct {
	id      string // of the letter's row
	trouble *Trouble
}

// The bounds of what is read of a notification: they come from anywhere.
const (
	bounceLimit = 1 << 20
	bounceParts = 20
)

// notABounce is said of whatever is no notification about a letter of ours.
func notABounce() error {
	return fault.Refused("Tệp này không phải thông báo trả lại thư (RFC 3464) của một thư do trang gửi.")
}

// readBounce reads a notification (RFC 3464: a multipart/report with a part message/delivery-status and the returned
// message or its headers) and finds the letter by its Message-ID.
func readBounce(r io.Reader) (bounce, error) {
	m, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, bounceLimit)))
	if err != nil {
		return bounce{}, notABounce()
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") || params["boundary"] == "" {
		return bounce{}, notABounce()
	}
	var b bounce
	parts := multipart.NewReader(m.Body, params["boundary"])
	for range bounceParts {
		part, err := parts.NextRawPart()
		if err != nil {
			break // the end, or what is no part: what was read so far counts
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			continue
		}
		body := decoder(part.Header.Get("Content-Transfer-Encoding"), part)
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			b.trouble = statusOf(body)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			b.id = idOf(body)
		}
	}
	if b.id == "" || b.trouble == nil {
		return bounce{}, notABounce()
	}
	return b, nil
}

// decoder reads a body as it was before it was encoded for the way.
func decoder(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// statusOf reads the fields of the first recipient that failed; nil when none did: a delay is no bounce.
func statusOf(r io.Reader) *Trouble {
	lines := textproto.NewReader(bufio.NewReader(r))
	for range bounceParts { // the first group is about the message, each further one about a recipient
		h, err := lines.ReadMIMEHeader()
		if strings.EqualFold(strings.TrimSpace(h.Get("Action")), "failed") {
			enhanced, _, _ := strings.Cut(strings.TrimSpace(h.Get("Status")), " ")
			if !enhancedCode.MatchString(enhanced) {
				enhanced = ""
			}
			t := reasonOf(replyIn(h.Get("Diagnostic-Code")), enhanced)
			if !t.Final { // given up by the server after all its tries
				t.Reason = Unreached
			}
			t.Final = true
			return t
		}
		if err != nil {
			return nil
		}
	}
	return nil
}

// replyIn is the server's reply in a Diagnostic-Code such as "smtp; 550 5.1.1 <x@y> unknown"; 0 when there is none.
func replyIn(text string) int {
	kind, rest, found := strings.Cut(text, ";")
	if !found || !strings.EqualFold(strings.TrimSpace(kind), "smtp") {
		return 0
	}
	rest = strings.TrimSpace(rest)
	if len(rest) < 3 {
		return 0
	}
	code, err := strconv.Atoi(rest[:3])
	if err != nil || code < 400 || code > 599 {
		return 0
	}
	return code
}

// idOf is the id of the letter in the returned headers.
func idOf(r io.Reader) string {
	head, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return ""
	}
	m, err := mail.ReadMessage(bytes.NewReader(append(head, "\r\n\r\n"...))) // headers alone may lack the empty line
	if err != nil {
		return ""
	}
	id, _, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(m.Header.Get("Message-Id")), "<"), "@")
	if !found || !isID(id) {
		return ""
	}
	return id
}

// isID tells whether a text has the form of a row's id (db.NewID).
func isID(text string) bool {
	if len(text) != 26 {
		return false
	}
	return strings.Trim(text, "0123456789abcdef") == ""
}
