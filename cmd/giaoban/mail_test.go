package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"giaoban/internal/app"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/mail"
	"giaoban/internal/mail/mailtest"
	"giaoban/internal/web"
)

// Mail from the command line: set up, looked at by doctor, tried, listed, and what came back recorded.
func TestMailFromTheCommandLine(t *testing.T) {
	t.Parallel()
	place := dbtest.DSN(t, db.SQLite)
	server := mailtest.Start(t, mailtest.Options{})
	ask := func(code int, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		if got := run(append(args, "--db", place), &out, &errOut); got != code {
			t.Fatalf("%v: code %d, want %d: %s%s", args, got, code, &out, &errOut)
		}
		return out.String() + errOut.String()
	}
	state := func(want string) {
		t.Helper()
		if states, _ := examined(t, place); states["gửi thư"] != want {
			t.Errorf("doctor says %q, want %q: %s", states["gửi thư"], want, ask(1, "doctor"))
		}
	}
	state(warn) // no mail, and nobody asked for any
	if out := ask(1, "mail", "test", "a@example.vn"); !strings.Contains(out, "Chưa cài đặt máy chủ thư") {
		t.Error(out)
	}
	ask(0, "setting", mail.HostSetting, server.Host)
	ask(0, "setting", mail.FromSetting, "giaoban@example.vn")
	ask(0, "setting", web.AddressSetting, "https://giaoban.example.vn")
	state(fail) // a server that offers no STARTTLS
	ask(0, "setting", mail.SecuritySetting, "none")
	ask(0, "setting", mail.PortSetting, strconv.Itoa(server.Port))
	state(fine)
	if n := len(server.Letters()); n != 0 {
		t.Errorf("doctor sends %d letters", n)
	}
	if out := ask(0, "mail", "test", "a@example.vn"); len(server.Letters()) != 1 || strings.Contains(out, "a@example.vn") {
		t.Errorf("%d letters: %s", len(server.Letters()), out)
	}
	server.Fail("RCPT", "550 5.1.1 a@example.vn unknown")
	if out := ask(1, "mail", "test", "a@example.vn"); !strings.Contains(out, "Địa chỉ người nhận không có ở nơi nhận") || !strings.Contains(out, "550 5.1.1") || strings.Contains(out, "a@example.vn") {
		t.Error(out)
	}
	ask(1, "mail", "test", "a@example")

	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("mật khẩu\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := ask(1, "doctor", "--mail-password-file", secret); !strings.Contains(out, "chmod 600 "+secret) {
		t.Error(out)
	}
	if err := os.Chmod(secret, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := ask(1, "doctor", "--mail-password-file", secret); strings.Contains(out, "chmod 600 "+secret) || strings.Contains(out, "mật khẩu\n") {
		t.Error(out)
	}
	if got, err := (mailSecret{MailPasswordFile: secret}).password(); got != "mật khẩu" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := (mailSecret{MailPasswordFile: secret + "x"}).password(); err == nil {
		t.Error("a file that is not there is no password")
	}
	ask(0, "setting", mail.UserSetting, "giaoban")
	if out := ask(1, "doctor"); !strings.Contains(out, "Mật khẩu không được gửi qua kết nối không mã hóa") {
		t.Error(out)
	}
	ask(0, "setting", mail.UserSetting, "")

	if out := ask(0, "mail", "list"); !strings.Contains(out, "Không có thư nào") {
		t.Error(out)
	}
	a, err := app.Open(t.Context(), place, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.DB.Write(t.Context(), func(tx *db.Tx) error {
		if err := a.Mails.Enqueue(t.Context(), tx, mail.Message{To: "a@example.vn", ToName: "Nguyễn Văn Mẫu", Template: mail.Test, Data: map[string]string{"At": "0"}}); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update mail_message set state = 'sent'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	out := ask(0, "mail", "list", "--state", "sent")
	id, _, _ := strings.Cut(out, " ")
	if len(id) != 26 || !strings.Contains(out, "Thư thử: Đã gửi") || strings.Contains(out, "example.vn") || strings.Contains(out, "Mẫu") {
		t.Error(out)
	}
	source, err := os.ReadFile("../../internal/mail/testdata/postfix.eml")
	if err != nil {
		t.Fatal(err)
	}
	bounce := filepath.Join(t.TempDir(), "bounce.eml")
	if err := os.WriteFile(bounce, bytes.ReplaceAll(source, []byte("LETTER"), []byte(id)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := ask(0, "mail", "bounce", bounce); !strings.Contains(out, id) || !strings.Contains(out, "550 5.1.1") {
		t.Error(out)
	}
	if out := ask(0, "mail", "list", "--json"); !strings.Contains(out, `"state":"bounced"`) || !strings.Contains(out, `"reason":"mailbox"`) {
		t.Error(out)
	}
	ask(1, "mail", "bounce", bounce)
	ask(1, "mail", "bounce", bounce+"x")
	ask(1, "mail", "bounce", secret)
	ask(2, "mail", "list", "--state", "lost")
}
