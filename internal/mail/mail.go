// Package mail sends the site's letters to its people through the SMTP server of the operator's choice: invitations, new
// ways in, notices about their sign-in, a test. A letter is asked for in the transaction of what it is about, waits as a
// job, is tried until its time is over, and its end is seen by administrators. It refuses to send without TLS beyond this
// machine, to send a password in clear, to keep what a letter said or where it went once it is over, to send a secret after
// its time, and to read a mailbox: letters that come back later go to the return address that the operator states.
package mail

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Message is a letter to one person. Person is their id, empty only for those who are nobody here yet. Data holds what the
// template needs (see templates); a moment is UTC milliseconds in decimal. Until is when the letter must not be sent any
// more by the site's clock, because what it holds is void then; zero is after five days.
type Message struct {
	To, ToName string
	Person     string
	Language   string // "vi" or "en"
	Template   string
	Data       map[string]string
	Until      int64
}

// The templates. What each needs and takes stands in the table below.
const (
	Invitation = "invitation" // the first way in: a code for a page
	Reset      = "reset"      // an administrator has reset a password or a factor; with a code where there is one
	Notice     = "notice"     // something happened to one's account
	Gathered   = "gathered"   // what a person is told on their page, in one letter
	Test       = "test"       // nothing but that mail arrives
)

// kind is what a template needs and takes beside what every letter has: the person's and the site's name, its address.
type kind struct {
	name         string
	needs, takes []string
	whats        []string // the words that What may be
	choice       string   // the page where its reader chooses whether to get such letters; empty where that is no choice
}

// kinds are the templates there are. "Path" is a page of this site, "Code" what is typed there, "Until" the moment when the
// code is void, "At" when something happened, "What" what did. "Items" are lines, "Count" how many things the letter is about, "More" how
// many of them it leaves out.
var kinds = map[string]kind{
	Invitation: {"Lời mời vào hệ thống", []string{"Path", "Code", "Until"}, []string{"Unit"}, nil, ""},
	Reset:      {"Đặt lại cách đăng nhập", []string{"What", "At"}, []string{"Path", "Code", "Until"}, []string{"password", "factor"}, ""},
	Notice: {"Thông báo bảo mật", []string{"What", "At"}, []string{"Device"}, []string{"sign-in", "password", "factor-added", "factor-removed", "passkey-added", "passkey-removed", "passkey-copied",
		"recovery-used", "recovery-made", "provider-linked", "provider-removed", "address"}, ""},
	Gathered: {"Thông báo công việc", []string{"What", "Count", "Items"}, []string{"More"}, []string{"now", "day", "week"}, "/thong-bao/cach-nhan"},
	Test:     {"Thư thử", []string{"At"}, nil, nil, ""},
}

// Template is the name of a kind of letter that people read.
type Template string

// Name is the template in words; one that is no more is said as it was kept.
func (t Template) Name() string {
	if k, ok := kinds[string(t)]; ok {
		return k.name
	}
	return string(t)
}

// State is where a letter stands.
type State string

const (
	Waiting   State = "waiting"
	Sent      State = "sent" // the mail server took it; whether it arrived, a later bounce may tell
	Failed    State = "failed"
	Bounced   State = "bounced"
	Cancelled State = "cancelled"
)

// States lists the states in the order in which people look for them.
var States = []State{Waiting, Failed, Bounced, Sent, Cancelled}

// Name is the state in words.
func (s State) Name() string {
	switch s {
	case Waiting:
		return "Chờ gửi"
	case Sent:
		return "Đã gửi"
	case Failed:
		return "Không gửi được"
	case Bounced:
		return "Bị trả lại"
	case Cancelled:
		return "Đã hủy"
	}
	return string(s)
}

// Reason is why a letter is not sent, or not yet.
type Reason string

const (
	Unset     Reason = "unset"     // mail is not set up, or not right
	NoServer  Reason = "no-server" // the server's name is unknown
	NoAnswer  Reason = "no-answer"
	BadTLS    Reason = "tls"
	NoTLS     Reason = "no-tls" // the server offers no STARTTLS
	Login     Reason = "login"
	Sender    Reason = "sender"
	Mailbox   Reason = "mailbox"
	Domain    Reason = "domain"
	Full      Reason = "full"
	Policy    Reason = "policy"
	TooLarge  Reason = "too-large"
	Refused   Reason = "refused"
	Later     Reason = "later" // the server asks to come again
	CutOff    Reason = "cut-off"
	Unreached Reason = "unreached"
	Expired   Reason = "expired"
	Reported  Reason = "reported" // an administrator saw it come back
	Unwritten Reason = "unwritten"
)

var reasons = map[Reason]string{
	Unset:     "Trang chưa cài đặt gửi thư, hoặc cài đặt chưa đúng.",
	NoServer:  "Không tìm thấy máy chủ thư theo tên đã cài đặt.",
	NoAnswer:  "Không kết nối được với máy chủ thư.",
	BadTLS:    "Không lập được kết nối mã hóa với máy chủ thư: chứng thư của máy chủ không hợp lệ.",
	NoTLS:     "Máy chủ thư không cho kết nối mã hóa (STARTTLS), nên thư không được gửi đi.",
	Login:     "Máy chủ thư không nhận tên hoặc mật khẩu của trang.",
	Sender:    "Máy chủ thư không cho gửi từ địa chỉ của trang.",
	Mailbox:   "Địa chỉ người nhận không có ở nơi nhận, hoặc đã ngừng dùng.",
	Domain:    "Tên miền của địa chỉ người nhận không có hoặc không nhận thư.",
	Full:      "Hộp thư của người nhận đã đầy.",
	Policy:    "Máy chủ nhận từ chối vì quy định của họ, chẳng hạn coi là thư rác.",
	TooLarge:  "Máy chủ nhận cho là thư quá lớn.",
	Refused:   "Máy chủ thư từ chối thư này.",
	Later:     "Máy chủ thư hẹn gửi lại sau.",
	CutOff:    "Kết nối với máy chủ thư bị ngắt giữa chừng.",
	Unreached: "Nơi nhận không nhận thư trong thời gian máy chủ thư chờ được.",
	Expired:   "Thư chưa gửi được trước khi hết hạn, nên không gửi nữa.",
	Reported:  "Người quản trị ghi nhận thư bị trả lại.",
	Unwritten: "Không soạn được thư từ mẫu.",
}

// Name is the reason in words.
func (r Reason) Name() string {
	if text, ok := reasons[r]; ok {
		return text
	}
	return string(r)
}

// Trouble is why a try did not succeed, in our words and the server's numbers: what a server says in words may hold the
// address, and is dropped. Final tells that no other try will help.
type Trouble struct {
	Reason Reason
	Code   string // "550 5.1.1", or empty
	Final  bool
}

// Says is the trouble in words, with the server's numbers.
func (t *Trouble) Says() string {
	if t.Code == "" {
		return t.Reason.Name()
	}
	return t.Reason.Name() + " (SMTP " + t.Code + ")"
}

func (t *Trouble) Error() string {
	return strings.TrimSpace("mail: " + string(t.Reason) + " " + t.Code)
}

const (
	maxAddress = 254 // RFC 5321: a path of 256 with its brackets
	maxLocal   = 64
	maxName    = 120
)

// CheckAddress puts a typed address into the form in which it is kept. It takes what nearly all mailboxes are called, and
// refuses the rest of RFC 5322 (comments, quotes, names in front, signs beyond ASCII), which servers on the way treat
// differently. The fault is at the field "mail".
func CheckAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	wrong := fault.Invalid("mail", "Địa chỉ thư chưa đúng. Hãy nhập dạng ten@don-vi.vn, không dấu.")
	if text == "" {
		return "", fault.Invalid("mail", "Hãy nhập địa chỉ thư.")
	}
	local, domain, found := strings.Cut(text, "@")
	if !found || len(text) > maxAddress || local == "" || len(local) > maxLocal || !dotted(local, "!#$%&'*+-/=?^_`{|}~") {
		return "", wrong
	}
	if !isHost(domain) || !strings.Contains(domain, ".") {
		return "", wrong
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Name != "" || a.Address != text {
		return "", wrong
	}
	return local + "@" + strings.ToLower(domain), nil
}

// dotted tells whether a text consists of letters, digits and the signs, in non-empty parts between dots.
func dotted(text, signs string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return false
		}
		for _, r := range part {
			if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(signs, r) {
				return false
			}
		}
	}
	return true
}

// isHost tells whether a text is a name of a machine as DNS knows it.
func isHost(name string) bool {
	if len(name) > 253 || !dotted(name, "-") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return true
}

// oneLine makes a text fit for a line: no line ends or other control signs, nothing that turns the line around or that a
// reader would take for an encoded word (RFC 2047), NFC.
func oneLine(text string) string {
	text = viet.Clean(strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029':
			return ' '
		case r == utf8.RuneError, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text))
	return strings.ReplaceAll(text, "=?", "= ?")
}

// tidyName makes a name fit for a header: one line of bearable length.
func tidyName(name string) string {
	name = oneLine(name)
	if r := []rune(name); len(r) > maxName {
		name = strings.TrimSpace(string(r[:maxName]))
	}
	return name
}
