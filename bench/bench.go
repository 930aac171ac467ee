// Package bench measures the product against named peers and limits in the same run, and prints ratios. It refuses to run
// in tests: timing says something only on a quiet machine, and a ratio only against a peer that did the same work.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/demo"
	"giaoban/internal/fault"
)

// Options of a run.
type Options struct {
	Scale    string // town (300 units, 8 quarters) or province (4,200 units, 20 quarters: 5 million figures)
	Postgres string // postgres:// URL of a server where a schema of its own may be made, or empty
	Only     Only
	JSON     bool
	Out      io.Writer
}

// Only names the parts and engines that are measured. A kind of which none is named is measured whole; a site is filled for
// whatever part, since all but demo rest on it.
type Only map[string]bool

var parts, engines = []string{"demo", "load", "reads", "cells", "forms", "workbooks", "signin", "sheet", "typing", "board", "keys", "memory", "start"}, []string{"sqlite", "postgres"}

// ParseOnly reads names with commas between.
func ParseOnly(text string) (Only, error) {
	o := Only{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(parts, name) && !slices.Contains(engines, name) {
			return nil, fault.Invalidf("only", "Không có phần đo “%s”. Các phần: %s.", name, strings.Join(append(slices.Clone(parts), engines...), ", "))
		}
		o[name] = true
	}
	return o, nil
}

func (o Only) wants(name string, kind []string) bool {
	return o[name] || !slices.ContainsFunc(kind, func(k string) bool { return o[k] })
}

// Line is one measured thing: what, how much, the limit it is held to, and whether it holds.
type Line struct {
	Engine string  `json:"engine"`
	What   string  `json:"what"`
	Got    string  `json:"got"`
	Limit  string  `json:"limit"`
	Value  float64 `json:"value"`
	Holds  bool    `json:"holds"`
}

// Report is a whole run.
type Report struct {
	Scale string `json:"scale"`
	Lines []Line `json:"lines"`
}

// size is how large the measured site is.
type size struct {
	towns, communes, areas int // per parent
	quarters               int
	steps                  []int // units loaded at which reads are measured
}

var sizes = map[string]size{
	"town":     {1, 10, 29, 8, []int{20, 100, 300}},
	"province": {10, 13, 31, 20, []int{8, 83, 833, 4171}},
}

// indicators is how many indicators each unit reports.
const indicators = 60

// Run measures and prints a table, or one JSON object.
func Run(ctx context.Context, opt Options) error {
	dir, err := os.MkdirTemp("", "giaoban-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &Report{Scale: opt.Scale}
	if opt.Only.wants("demo", parts) && opt.Only.wants("sqlite", engines) {
		if err := r.demo(ctx, filepath.Join(dir, "demo.db")); err != nil {
			return err
		}
	}
	sites := []struct{ engine, dsn string }{{"sqlite", filepath.Join(dir, "site.db")}}
	if opt.Postgres != "" {
		sites = append(sites, struct{ engine, dsn string }{"postgres", schemaURL(opt.Postgres)})
	}
	for _, s := range sites {
		if !opt.Only.wants(s.engine, engines) {
			continue
		}
		m := &measuring{Report: r, size: sizes[opt.Scale], only: opt.Only, engine: s.engine, dsn: s.dsn, dir: dir}
		if err := m.run(ctx); err != nil {
			return fmt.Errorf("bench %s: %w", s.engine, err)
		}
	}
	return r.print(opt)
}

// demo measures how soon a demonstration is ready, and how soon an existing site starts.
func (r *Report) demo(ctx context.Context, path string) error {
	quiet := app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	began := time.Now()
	a, err := app.Open(ctx, path, quiet)
	if err != nil {
		return err
	}
	if err := demo.Fill(ctx, a, 1); err != nil {
		return err
	}
	r.atMost("sqlite", "demo ready", time.Since(began), 5*time.Second)
	return a.Close()
}

func (r *Report) atMost(engine, what string, got, limit time.Duration) {
	r.Lines = append(r.Lines, Line{engine, what, round(got), "<= " + round(limit), got.Seconds(), got <= limit})
}

func (r *Report) atLeast(engine, what string, got float64, limit float64, unit string) {
	r.Lines = append(r.Lines, Line{engine, what, number(got) + unit, ">= " + number(limit) + unit, got, got >= limit})
}

func (r *Report) within(engine, what string, got, limit float64, unit string) {
	r.Lines = append(r.Lines, Line{engine, what, number(got) + unit, "<= " + number(limit) + unit, got, got <= limit})
}

func (r *Report) note(engine, what, got string, value float64) {
	r.Lines = append(r.Lines, Line{engine, what, got, "", value, true})
}

func round(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

func number(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *Report) print(opt Options) error {
	if opt.JSON {
		return json.NewEncoder(opt.Out).Encode(r)
	}
	w, g := 0, 0
	for _, l := range r.Lines {
		w, g = max(w, len([]rune(l.What))), max(g, len([]rune(l.Got)))
	}
	for _, l := range r.Lines {
		mark := "ok"
		if !l.Holds {
			mark = "MISSED"
		}
		if l.Limit == "" {
			mark = ""
		}
		if _, err := fmt.Fprintf(opt.Out, "%-9s %-*s %*s  %-14s %s\n", l.Engine, w, l.What, g, l.Got, l.Limit, mark); err != nil {
			return err
		}
	}
	return nil
}

// quantile sorts and reads.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(int(q*float64(len(d))), len(d)-1)]
}
