package main

import (
	"context"
	"strings"
	"testing"

	"giaoban/internal/db"
)

func TestAPasswordAmongTheArgumentsIsTold(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"postgres://giaoban:bimat@127.0.0.1/x": true, "--db=postgres://giaoban:bimat@127.0.0.1/x": true,
		"postgresql://giaoban@127.0.0.1/x?password=bimat": true,
		"postgres://giaoban@127.0.0.1/x":                  false, "postgres.db": false, "@/etc/giaoban/db": false, "site.db": false,
	} {
		if got := exposed([]string{"serve", "--db", arg}); got != want {
			t.Errorf("%s: %v", arg, got)
		}
	}
}

// What cannot be opened is told without its password.
func TestARefusedDatabaseKeepsItsPassword(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"postgres://giaoban:bimat@127.0.0.1:1/x", "postgres://giaoban:bimat@127.0.0.1:cong/x", "postgres://giaoban:bimat@/x?sslmode=la"} {
		d, err := db.Open(context.Background(), text)
		if err == nil {
			_ = d.Close()
			t.Errorf("%s is opened", text)
			continue
		}
		if strings.Contains(err.Error(), "bimat") {
			t.Errorf("%v", err)
		}
	}
}

func TestADatabaseOnAnotherMachineNeedsAGuardedLine(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"postgres://giaoban@10.0.0.5/x": false, "postgresql://giaoban:bimat@db.tinh.vn/x": false, "postgres://giaoban@/x?host=10.0.0.5": false,
		"postgres://giaoban@10.0.0.5/x?sslmode=verify-full": true, "postgres://giaoban@10.0.0.5/x?sslmode=disable": true,
		"postgres://giaoban@127.0.0.1/x": true, "postgres://giaoban@[::1]:5432/x": true, "postgres://giaoban@localhost/x": true,
		"postgres://giaoban@/x?host=/run/postgresql": true, "site.db": true,
	} {
		var d dsn
		err := d.UnmarshalText([]byte(text))
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if err != nil && (strings.Contains(err.Error(), "bimat") || !strings.Contains(err.Error(), "sslmode=verify-full")) {
			t.Errorf("%s is refused with %v", text, err)
		}
	}
}
