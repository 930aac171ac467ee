package main

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

func TestFilesWithSecretsAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"GIAOBAN_DB": "@/e/db", "GIAOBAN_KEY": "in the clear"}
	got := secretFiles([]string{"serve", "--key=@/a/key", "--tls-key", "/a/tls.pem", "--db", "site.db"}, func(name string) string { return environment[name] })
	if want := []string{"/e/db", "/a/key", "/a/tls.pem"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	dir := t.TempDir()
	address, key := filepath.Join(dir, "address"), filepath.Join(dir, "tls.pem")
	for path, text := range map[string]string{address: dbtest.DSN(t, db.SQLite), key: "x"} {
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	doctor := func() string {
		var out, errOut bytes.Buffer
		run([]string{"doctor", "--db", "@" + address, "--tls-key", key}, &out, &errOut)
		return out.String() + errOut.String()
	}
	if text := doctor(); !strings.Contains(text, "chmod 600 "+address) || !strings.Contains(text, "chmod 600 "+key) || !strings.Contains(text, "giaoban: người khác trên máy đọc được tệp bí mật") {
		t.Error(text)
	}
	for _, path := range []string{address, key} {
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text := doctor(); strings.Contains(text, "chmod 600 "+address) || strings.Contains(text, "chmod 600 "+key) {
		t.Error(text)
	}
}

func TestAListOfLeakedPasswordsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	place := dbtest.DSN(t, db.SQLite)
	path := filepath.Join(t.TempDir(), "leaked.txt")
	ask := func(text, want string, args ...string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut bytes.Buffer
		run(append(args, "--db", place, "--leaked", path), &out, &errOut)
		if all := out.String() + errOut.String(); !strings.Contains(all, want) {
			t.Errorf("%v does not say %q:\n%s", args, want, all)
		}
	}
	ask(fmt.Sprintf("%X:9\n", sha1.Sum([]byte("123456"))), "Danh sách mật khẩu đã lộ đọc được.", "doctor")
	ask(fmt.Sprintf("%X:9\n", sha1.Sum([]byte("x"))), "bị cắt", "doctor")
	ask("mật khẩu\n", "không phải danh sách mã băm SHA-1", "doctor")
	ask("mật khẩu\n", "không phải danh sách mã băm SHA-1", "serve", "--addr", "127.0.0.1:0")
	ask("mật khẩu\n", "không phải danh sách mã băm SHA-1", "user", "list")
}
