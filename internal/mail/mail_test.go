package mail

import (
	"flag"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestAnAddressIsOneMailboxAndNothingElse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"can.bo@example.vn": "can.bo@example.vn", "  A.B+c@Example.VN ": "A.B+c@example.vn", "x@sub-1.example.vn": "x@sub-1.example.vn",
		"": "", "a": "", "@example.vn": "", "a@": "", "a@localhost": "", "a@b@example.vn": "", ".a@example.vn": "", "a..b@example.vn": "", "a.@example.vn": "",
		"a b@example.vn": "", "Cán bộ <a@example.vn>": "", "a@example.vn, b@example.vn": "", `"a"@example.vn`: "", "a@[127.0.0.1]": "", "a(x)@example.vn": "",
		"a@-example.vn": "", "a@example-.vn": "", "a@example..vn": "", "cán@example.vn": "", "a@mẫu.vn": "", "a@example.vn\r\nBcc: b@example.vn": "",
		"a\n@example.vn": "", "a@example.vn\x00": "", strings.Repeat("a", 65) + "@example.vn": "", "a@" + strings.Repeat("a", 64) + ".vn": "",
		"a@" + strings.Repeat("a.", 130) + "vn": "",
	} {
		got, err := CheckAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
		if err != nil && !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q: %v is no fault of the field", in, err)
		}
	}
}

// FuzzAddress holds that what is taken is one address without anything that could begin a header, a command or another
// address, and stays what it is.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"a@example.vn", "a@b@c.vn", "a@example.vn\r\nBcc: x@y.vn", "<a@example.vn>", "a,b@c.vn", "\"a b\"@c.vn", "a@ⓔxample.vn", "a@example。vn", "Ａ@c.vn", "a@c.vn\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, err := CheckAddress(in)
		if err != nil {
			return
		}
		if strings.ContainsFunc(out, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>()[],;:\"`, r) }) {
			t.Fatalf("%q is taken as %q", in, out)
		}
		if a, err := mail.ParseAddress(out); err != nil || a.Address != out || a.Name != "" {
			t.Fatalf("%q is taken as %q, which reads as %v, %v", in, out, a, err)
		}
		if again, err := CheckAddress(out); err != nil || again != out {
			t.Fatalf("%q is taken as %q, then as %q, %v", in, out, again, err)
		}
	})
}

// site is how a site sends, for letters that are not sent.
var site = setup{host: "smtp.example.vn", security: STARTTLS, from: "giaoban@example.vn", back: "tra-lai@example.vn", site: "https://giaoban.example.vn", siteName: "Thị xã Mẫu"}

const letterID = "0199a0b1c2d3e4f5a6b7c8d9e0"

// full is data for everything that a template needs and takes.
func full(template, what string) map[string]string {
	k := kinds[template]
	all := map[string]string{"Path": "/loi-moi", "Code": "ABCD-EFGH", "Until": milliText(start.AddDate(0, 0, 2).UnixMilli()), "At": milliText(start.UnixMilli()),
		"Unit": "Phường Mẫu", "What": what, "Count": "23", "More": "20",
		"Items": "Phường Mẫu: báo cáo quý III năm 2019 bị trả lại, mời xem lý do và sửa\nHội LHPN phường Mẫu: báo cáo quý III năm 2019 đến hạn gửi ngày 30/09/2019\nPhường Mẫu: 4 báo cáo quý III năm 2019 đang chờ văn phòng tiếp nhận", "Device": "Firefox trên Windows"}
	out := map[string]string{}
	for _, key := range slices.Concat(k.needs, k.takes) {
		out[key] = all[key]
	}
	return out
}

// bare is full without what a template only takes.
func bare(template, what string) map[string]string {
	out := full(template, what)
	for _, key := range kinds[template].takes {
		delete(out, key)
	}
	return out
}

// variants are a template's letters: each word of What, with all data and with the least.
func variants(template, language string) map[string]Message {
	out := map[string]Message{}
	whats := kinds[template].whats
	if len(whats) == 0 {
		whats = []string{""}
	}
	for _, what := range whats {
		name := strings.TrimSuffix(language+"-"+template+"-"+what, "-")
		m := Message{To: "can.bo@example.vn", ToName: "Nguyễn Thị Mẫu", Language: language, Template: template}
		m.Data = full(template, what)
		out[name] = m
		m.Data, m.ToName = bare(template, what), ""
		out[name+".bare"] = m
	}
	return out
}

// Each template in each language says what it is to say, whole, with all that it takes and with the least.
func TestLetters(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, language := range []string{"vi", "en"} {
		for template := range kinds {
			for name, m := range variants(template, language) {
				if err := checkData(m); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				letter, err := compose(site, letterID, m, start)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				var b strings.Builder
				if _, err := letter.WriteTo(&b); err != nil {
					t.Fatal(err)
				}
				got := readable(t, b.String())
				for _, flaw := range []string{"{{", "<no value>", " ,", " .", "\n\n\n", "\t", "  \n"} {
					if strings.Contains(strings.ReplaceAll(got, "\n    ", "\n"), flaw) {
						t.Errorf("%s holds %q:\n%s", name, flaw, got)
					}
				}
				if viet.NFC(got) != got {
					t.Errorf("%s is not in NFC", name)
				}
				golden := filepath.Join("testdata", name+".txt")
				seen[name+".txt"] = true
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					continue
				}
				want, err := os.ReadFile(golden)
				if err != nil || string(want) != got {
					t.Errorf("%s (read it, then go test ./internal/mail -run Letters -update): %v\n%s", golden, err, got)
				}
			}
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".txt") && !seen[f.Name()] {
			t.Errorf("testdata/%s belongs to no letter", f.Name())
		}
	}
}

// readable is a letter with its headers and body decoded, as a person reads it.
func readable(t *testing.T, source string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(source))
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	var names []string
	for name := range m.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	words := new(mime.WordDecoder)
	for _, name := range names {
		for _, value := range m.Header[name] {
			plain, err := words.DecodeHeader(value)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(name + ": " + plain + "\n")
		}
	}
	body, err := io.ReadAll(decoder(m.Header.Get("Content-Transfer-Encoding"), m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n" + strings.ReplaceAll(string(body), "\r\n", "\n")
}

// Every key that a template's text uses is one that it needs or takes, and a letter without one of its needs is refused
// before it is kept.
func TestALetterNeedsItsData(t *testing.T) {
	t.Parallel()
	for template, k := range kinds {
		for _, what := range append(slices.Clone(k.whats), "") {
			if what == "" && len(k.whats) > 0 {
				continue
			}
			for _, key := range k.needs {
				m := Message{Template: template, Data: full(template, what)}
				delete(m.Data, key)
				if checkData(m) == nil {
					t.Errorf("%s is taken without %s", template, key)
				}
			}
		}
	}
	for name, m := range map[string]Message{
		"unknown template": {Template: "x"},
		"unknown key":      {Template: Test, Data: map[string]string{"At": "1", "Secret": "x"}},
		"unknown word":     {Template: Notice, Data: map[string]string{"At": "1", "What": "x"}},
		"no moment":        {Template: Test, Data: map[string]string{"At": "yesterday"}},
		"foreign page":     {Template: Invitation, Data: map[string]string{"Path": "https://evil.test", "Code": "x", "Until": "1"}},
		"code, no page":    {Template: Reset, Data: map[string]string{"What": "password", "At": "1", "Code": "x"}},
	} {
		if checkData(m) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// What people are called, or call their units and devices, stays within its line of the letter and of its header.
func TestNoNameBeginsAHeaderOrALine(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"A\r\nBcc: x@evil.test", "A\nBcc: x@evil.test", "A\rBcc: x@evil.test", "A\u2028Bcc: x@evil.test", "A\u0085Bcc: x@evil.test", "\r\n\r\nxấu",
		`"><x@evil.test>`, "A\x00B", "A\u202egnp", `a\"b`, "x@evil.test, y@evil.test", "=?utf-8?q?=0D=0ABcc:_x@evil.test?=", strings.Repeat("ỗ", 500)} {
		s := site
		s.fromName, s.siteName = tidyName(evil), evil
		for _, template := range []string{Invitation, Notice} {
			m := Message{To: "can.bo@example.vn", ToName: evil, Language: "vi", Template: template, Data: full(template, "sign-in")}
			for _, key := range []string{"Unit", "Device", "Code"} {
				if m.Data[key] != "" {
					m.Data[key] = evil
				}
			}
			letter, err := compose(s, letterID, m, start)
			if err != nil {
				t.Fatalf("%q: %v", evil, err)
			}
			var b strings.Builder
			if _, err := letter.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			got, err := mail.ReadMessage(strings.NewReader(b.String()))
			if err != nil {
				t.Fatalf("%q: %v", evil, err)
			}
			if got.Header.Get("Bcc") != "" || len(got.Header) != 11 {
				t.Errorf("%q: the headers are %v", evil, got.Header)
			}
			to, err := got.Header.AddressList("To")
			if err != nil || len(to) != 1 || to[0].Address != "can.bo@example.vn" || strings.ContainsFunc(to[0].Name, unicode.IsControl) {
				t.Errorf("%q: to %v, %v", evil, to, err)
			}
			from, err := got.Header.AddressList("From")
			if err != nil || len(from) != 1 || from[0].Address != "giaoban@example.vn" {
				t.Errorf("%q: from %v, %v", evil, from, err)
			}
			if receivers, err := letter.GetRecipients(); err != nil || len(receivers) != 1 {
				t.Errorf("%q: it goes to %v, %v", evil, receivers, err)
			}
			for line := range strings.Lines(readable(t, b.String())) {
				if strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "xấu") {
					t.Errorf("%q begins a line of its own: %q", evil, line)
				}
			}
			for line := range strings.SplitSeq(b.String(), "\r\n") {
				if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
					t.Errorf("%q: a line of %d signs, or broken by one sign only", evil, len(line))
				}
			}
		}
	}
}

func TestAMomentIsVietnams(t *testing.T) {
	t.Parallel()
	ms := milliText(time.Date(2026, 1, 2, 0, 5, 0, 0, time.UTC).UnixMilli())
	for language, want := range map[string]string{"vi": "07:05 ngày 02/01/2026", "en": "07:05 on 2 January 2026 (Vietnam time)"} {
		if got, err := moment(language, ms); got != want || err != nil {
			t.Errorf("%s: %q, %v", language, got, err)
		}
	}
}

func TestHowASiteSendsIsHeldTogether(t *testing.T) {
	t.Parallel()
	base := site
	base.password = "bí mật"
	for name, c := range map[string]struct {
		change func(*setup)
		good   bool
	}{
		"as it should be":               {func(*setup) {}, true},
		"with a user":                   {func(s *setup) { s.user = "giaoban" }, true},
		"a user without password":       {func(s *setup) { s.user, s.password = "giaoban", "" }, false},
		"no server":                     {func(s *setup) { s.host = "" }, false},
		"no sender":                     {func(s *setup) { s.from = "" }, false},
		"no address of the site":        {func(s *setup) { s.site = "" }, false},
		"in clear over the network":     {func(s *setup) { s.security = Plain }, false},
		"in clear to a name":            {func(s *setup) { s.security, s.host = Plain, "localhost.example.vn" }, false},
		"in clear on this machine":      {func(s *setup) { s.security, s.host = Plain, "127.0.0.1" }, true},
		"a password in clear even here": {func(s *setup) { s.security, s.host, s.user = Plain, "127.0.0.1", "giaoban" }, false},
	} {
		s := base
		c.change(&s)
		if err := s.check(); (err == nil) != c.good || err != nil && (fault.All(err) == nil || strings.Contains(err.Error(), base.password)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range Settings {
		if s.Help == "" {
			t.Errorf("%s says nothing", s.Key)
		}
	}
	for key, values := range map[string]map[string]bool{
		HostSetting:     {"smtp.example.vn": true, "127.0.0.1": true, "::1": true, "unix:///x": false, "a b": false, "a\nb": false, "smtp.example.vn:25": false},
		PortSetting:     {"25": true, "0": false, "65536": false, "x": false},
		SecuritySetting: {"tls": true, "starttls": true, "none": true, "ssl": false},
		UserSetting:     {"a@b.vn": true, "a\nb": false},
		FromSetting:     {"a@example.vn": true, "A <a@example.vn>": false, "a@Example.vn": false},
		FromNameSetting: {"Mặt trận Thị xã Mẫu": true, "a\nb": false},
		ReturnSetting:   {"a@example.vn": true, "x": false},
	} {
		for _, s := range Settings {
			if s.Key != key {
				continue
			}
			for value, good := range values {
				if err := s.Check(value); (err == nil) != good || err != nil && fault.All(err) == nil {
					t.Errorf("%s = %q: %v", key, value, err)
				}
			}
		}
	}
}
