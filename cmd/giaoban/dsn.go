package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// dsn is where a site's data are: a file or a postgres:// URL. With a password in it the URL belongs into the environment
// (GIAOBAN_DB) or into a file that is named as @FILE: other people of the machine can read the arguments of a process.
type dsn string

// UnmarshalText reads the file that the text names.
func (d *dsn) UnmarshalText(text []byte) error {
	read, err := textOrFile(string(text))
	if err != nil {
		return err
	}
	*d = dsn(read)
	return d.checkLine()
}

// checkLine asks how the line to a database on another machine is guarded: by default the driver takes an open line, or any
// certificate, without a word.
func (d *dsn) checkLine() error {
	u, err := url.Parse(string(*d))
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") { // what is wrong with an address is db's to say
		return nil
	}
	host := u.Hostname()
	if u.Query().Has("host") {
		host = u.Query().Get("host")
	}
	ip, err := netip.ParseAddr(host)
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") || err == nil && ip.IsLoopback() || u.Query().Has("sslmode") {
		return nil
	}
	return fmt.Errorf("cơ sở dữ liệu ở máy khác (%s): hãy thêm ?sslmode=verify-full vào địa chỉ để đường truyền được mã hóa và máy chủ được xác minh; "+
		"nếu đường truyền đã được bảo vệ bằng cách khác thì ghi rõ sslmode khác", host)
}

// secret is a text that is named as @FILE or comes from the environment.
type secret string

// UnmarshalText reads the file that the text names.
func (s *secret) UnmarshalText(text []byte) error {
	read, err := textOrFile(string(text))
	*s = secret(read)
	return err
}

func textOrFile(text string) (string, error) {
	name, found := strings.CutPrefix(text, "@")
	if !found {
		return text, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("không đọc được tệp %s", name)
	}
	return strings.TrimSpace(string(b)), nil
}

// exposed tells whether an argument holds the password of a database.
func exposed(args []string) bool {
	for _, arg := range args {
		at := strings.Index(arg, "postgres")
		if at < 0 {
			continue
		}
		u, err := url.Parse(arg[at:])
		if err != nil {
			continue
		}
		if _, set := u.User.Password(); set || u.Query().Has("password") {
			return true
		}
	}
	return false
}
