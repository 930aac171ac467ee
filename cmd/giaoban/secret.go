package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// mailSecret says where the password of the mail server is: in the environment or in a file that only the program's account
// reads. There is no way to write it among the arguments, which other people of the machine can read, nor into the database.
type mailSecret struct {
	MailPasswordFile string `help:"Tệp chứa mật khẩu máy chủ thư; hoặc đặt mật khẩu trong biến môi trường GIAOBAN_MAIL_PASSWORD." name:"mail-password-file" env:"GIAOBAN_MAIL_PASSWORD_FILE" placeholder:"TỆP"`
}

// password reads it; empty when there is none.
func (m mailSecret) password() (string, error) {
	if m.MailPasswordFile == "" {
		return os.Getenv("GIAOBAN_MAIL_PASSWORD"), nil
	}
	b, err := os.ReadFile(m.MailPasswordFile)
	if err != nil {
		return "", fmt.Errorf("không đọc được tệp mật khẩu máy chủ thư %s", m.MailPasswordFile)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// exposed tells whether others of the machine can read the file.
func (m mailSecret) exposed() (mode fs.FileMode, open bool) { return openToOthers(m.MailPasswordFile) }

// openToOthers tells whether others of the machine can read or write a file, if it is there.
func openToOthers(path string) (mode fs.FileMode, open bool) {
	info, err := os.Stat(path)
	if path == "" || err != nil {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o077 != 0
}

// secretFiles are the files with secrets that the arguments and the environment name: the address of the database, the site's key,
// the key of the certificate.
func secretFiles(args []string, environment func(string) string) (paths []string) {
	named := map[string][]string{"--db": {environment("GIAOBAN_DB")}, "--key": {environment("GIAOBAN_KEY")}, "--tls-key": nil}
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		if _, known := named[name]; known {
			named[name] = append(named[name], value)
		}
	}
	for _, name := range []string{"--db", "--key"} {
		for _, value := range named[name] {
			if path, found := strings.CutPrefix(value, "@"); found {
				paths = append(paths, path)
			}
		}
	}
	return append(paths, named["--tls-key"]...)
}

// leakedFile says where a list of leaked passwords is.
type leakedFile struct {
	Leaked string `help:"Tệp các mật khẩu đã lộ (danh sách SHA-1 xếp theo mã băm của Pwned Passwords): mật khẩu có trong tệp không được đặt." env:"GIAOBAN_LEAKED" type:"path" placeholder:"TỆP"`
}

// list opens it for as long as the program runs; nil when none is named.
func (l leakedFile) list() (*auth.Leaked, error) {
	if l.Leaked == "" {
		return nil, nil
	}
	list, err := auth.OpenLeaked(l.Leaked)
	switch {
	case errors.Is(err, auth.ErrNoLeaked):
		return nil, fault.Refusedf("Tệp %s không phải danh sách mã băm SHA-1 xếp theo thứ tự (bản “ordered by hash” của Pwned Passwords).", l.Leaked)
	case err != nil:
		return nil, fault.Refusedf("Không đọc được tệp mật khẩu đã lộ %s.", l.Leaked)
	}
	return list, nil
}
