package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"giaoban/internal/db"
)

// TestTheTrailIsVerifiedByAnOutsider exports the trail of a town and checks it with the program in docs/verify-audit.
func TestTheTrailIsVerifiedByAnOutsider(t *testing.T) {
	t.Parallel()
	site, err := town()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, file, verifier := filepath.Join(dir, "giaoban.db"), filepath.Join(dir, "trail.jsonl"), filepath.Join(dir, "verify-audit")
	if err := os.WriteFile(path, site, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", verifier, "../../docs/verify-audit/main.go").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	export := func() []byte {
		t.Helper()
		if code := run([]string{"audit", "export", "--db", path, "-o", file}, io.Discard, os.Stderr); code != 0 {
			t.Fatalf("audit export ended with %d", code)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	outsider := func(text []byte) (string, bool) {
		c := exec.Command(verifier) //nolint:gosec // built above
		c.Stdin = bytes.NewReader(text)
		out, err := c.CombinedOutput()
		return string(out), err == nil
	}
	text := export()
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) < 30 {
		t.Fatalf("%d lines", len(lines))
	}
	if said, ok := outsider(text); !ok || !strings.HasPrefix(said, "0 wrong") {
		t.Errorf("as exported: %s", said)
	}
	for name, spoilt := range map[string][]byte{
		"a word changed":    bytes.Replace(text, []byte(`"verb":"`), []byte(`"verb":"x`), 1),
		"a line removed":    bytes.Join(append(append([][]byte{}, lines[:7]...), lines[8:]...), nil),
		"two lines swapped": bytes.Join(append(append([][]byte{}, lines[:7]...), append([][]byte{lines[8], lines[7]}, lines[9:]...)...), nil),
		"cut in a line":     text[:len(text)-20],
	} {
		if said, ok := outsider(spoilt); ok {
			t.Errorf("%s: %s", name, said)
		}
	}
	var said bytes.Buffer
	if code := run([]string{"verify", "--db", path}, &said, os.Stderr); code != 0 || !strings.Contains(said.String(), "0 mục chờ niêm phong: 0 sai lệch") {
		t.Errorf("verify ended with %d: %s", code, &said)
	}
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from audit_entry where id = (select entry from audit_seal where seq = 9)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if code := run([]string{"verify", "--db", path}, &said, os.Stderr); code != 1 || !strings.Contains(said.String(), "mục số 9 bị xoá") {
		t.Errorf("verify of a spoilt trail ended with %d: %s", code, &said)
	}
	if answer, ok := outsider(export()); ok || !strings.Contains(answer, "entry 9 is not what was sealed") {
		t.Errorf("export of a spoilt trail: %s", answer)
	}
}
