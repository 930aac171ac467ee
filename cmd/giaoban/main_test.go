package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(loopEnv); dsn != "" {
		os.Exit(importLoop(dsn))
	}
	testscript.Main(m, map[string]func(){"giaoban": main})
}

// town is a demonstration site that the scripts copy: making it anew for each would be most of their time.
var town = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "giaoban-town")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if code := run([]string{"demo", "--data", dir, "--init-only"}, io.Discard, os.Stderr); code != 0 {
		return nil, errors.New("giaoban demo --init-only failed")
	}
	return os.ReadFile(filepath.Join(dir, "giaoban.db"))
})

// TestScripts are the manual of the command line: what operators and their scripts rely on.
func TestScripts(t *testing.T) {
	t.Parallel()
	site, err := town()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			if err := os.Mkdir(e.Getenv("WORK")+"/town", 0o700); err != nil {
				return err
			}
			return os.WriteFile(e.Getenv("WORK")+"/town/giaoban.db", site, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command and demands its exit code: exits 2 giaoban verify.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
