package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
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
func (m mailSecret) exposed() (mode fs.FileMode, open bool) {
	info, err := os.Stat(m.MailPasswordFile)
	if m.MailPasswordFile == "" || err != nil {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o077 != 0
}
