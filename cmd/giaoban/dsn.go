package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// dsn is where a site's data are: a file or a postgres:// URL. With a password in it the URL belongs into the environment
// (GIAOBAN_DB) or into a file that is named as @FILE: other people of the machine can read the arguments of a process.
type dsn string

// UnmarshalText reads the file that the text names.
func (d *dsn) UnmarshalText(text []byte) error {
	*d = dsn(text)
	name, found := strings.CutPrefix(string(text), "@")
	if !found {
		return nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("không đọc được tệp %s", name)
	}
	*d = dsn(strings.TrimSpace(string(b)))
	return nil
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
