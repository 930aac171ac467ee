package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// measuring is the measuring of one engine.
type measuring struct {
	*Report
	size
	only             Only
	engine, dsn, dir string
	app              *app.App
	viewer           auth.Actor // holds the top: reads are measured with their check of who may see
	units            []org.Unit // reporting units, in the order of their subtrees
	root             org.Unit
	periods          []period.Period
	chosen           []indicator.Indicator
	officers         []officer
	csv              *bufio.Writer
	rows             int
	rounds           uint64 // of timed
}

// officer is somebody of a commune, who enters figures for it and its areas.
type officer struct {
	auth.Actor
	units []org.Unit
}

// chunkUnits keeps a transaction below ten thousand rows: longer ones would make officers who are typing wait.
const chunkUnits = 130

func schemaURL(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	q := u.Query()
	q.Set("search_path", "bench_"+db.NewID())
	u.RawQuery = q.Encode()
	return u.String()
}

func (m *measuring) run(ctx context.Context) error {
	var err error
	if m.app, err = app.Open(ctx, m.dsn, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}); err != nil {
		return err
	}
	background, stop := context.WithCancel(ctx)
	defer stop()
	m.app.Run(background)
	if err := m.make(ctx); err != nil {
		return err
	}
	loaded, err := m.load(ctx)
	if err != nil {
		return err
	}
	if m.only.wants("load", parts) {
		m.atLeast(m.engine, "bulk load, figures/s", float64(m.rows)/loaded.Seconds(), 80_000, "")
		if err := m.peerLoad(ctx, loaded); err != nil {
			return err
		}
	}
	if m.engine == "postgres" { // as after any first filling: else the server does it by itself, beside what is measured
		if _, err := m.app.DB.Admin().ExecContext(ctx, "vacuum analyze"); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{{"reads", m.reads}, {"cells", m.cells}, {"forms", m.forms}, {"workbooks", m.workbooks}, {"signin", m.signin}, {"memory", m.memory}} {
		if !m.only.wants(part.name, parts) {
			continue
		}
		if err := part.measure(ctx); err != nil {
			return err
		}
	}
	if err := m.pages(ctx); err != nil {
		return err
	}
	stop()
	if err := m.app.Close(); err != nil {
		return err
	}
	if !m.only.wants("start", parts) {
		return nil
	}
	return m.restart(ctx)
}

// make builds the tree, the officers and the periods.
func (m *measuring) make(ctx context.Context) error {
	specs := []org.Spec{{Code: "TINH", Kind: org.Place, Level: org.Province, Name: "Tỉnh"}}
	add := func(code, parent string, level org.Level) {
		specs = append(specs, org.Spec{Code: code, Kind: org.Place, Level: level, Name: code, Parent: parent})
	}
	for t := range m.towns {
		town := fmt.Sprintf("T%02d", t)
		add(town, "TINH", org.Town)
		for c := range m.communes {
			commune := fmt.Sprintf("%s.%02d", town, c)
			add(commune, town, org.Commune)
			for a := range m.areas {
				add(fmt.Sprintf("%s.%02d", commune, a), commune, org.Area)
			}
		}
	}
	if err := m.app.Units.Load(ctx, auth.System(), specs); err != nil {
		return err
	}
	if err := m.readSite(ctx, specs); err != nil {
		return err
	}
	communes := slices.DeleteFunc(slices.Clone(m.units), func(u org.Unit) bool { return u.Level != org.Commune })
	for i := range 16 {
		u := communes[i*7%len(communes)]
		who, err := m.person(ctx, fmt.Sprintf("officer%02d", i), "officer", u)
		if err != nil {
			return err
		}
		o := officer{Actor: who}
		for _, below := range m.units {
			if below.ID == u.ID || strings.HasPrefix(below.Code, u.Code+".") {
				o.units = append(o.units, below)
			}
		}
		m.officers = append(m.officers, o)
	}
	var err error
	m.viewer, err = m.person(ctx, viewerLogin, "auditor", m.root)
	return err
}

// The viewer also signs in to the server whose memory is read; the site lives as long as the measuring.
const viewerLogin, viewerPassword = "viewer", "thước và đồng hồ bấm giây"

func (m *measuring) person(ctx context.Context, login, role string, unit org.Unit) (auth.Actor, error) {
	id, err := m.app.Accounts.AddPerson(ctx, auth.System(), account.NewPerson{
		Login: login, Name: "Cán bộ", Language: "vi", Password: viewerPassword, Role: role, Unit: unit.ID,
	})
	if err != nil {
		return auth.Actor{}, err
	}
	return m.app.Accounts.Actor(ctx, id)
}

func (m *measuring) readSite(ctx context.Context, specs []org.Spec) error {
	return m.app.DB.Write(ctx, func(tx *db.Tx) error {
		m.units, m.periods, m.chosen = nil, nil, nil
		all, err := org.ListAll(ctx, tx, "2020-01-01")
		if err != nil {
			return err
		}
		by := map[string]org.Unit{}
		for _, u := range all {
			by[u.Code] = u
		}
		m.root = by["TINH"]
		for _, s := range specs[1:] {
			m.units = append(m.units, by[s.Code])
		}
		for q := range m.quarters + 3 { // three more stay empty: for single cells, for forms, for workbooks
			p, err := period.Ensure(ctx, tx, fmt.Sprintf("%d-Q%d", 2015+q/4, q%4+1))
			if err != nil {
				return err
			}
			m.periods = append(m.periods, p)
		}
		catalog, err := m.app.Indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		for _, in := range catalog.All() {
			if in.Across == indicator.Sum && len(m.chosen) < indicators {
				m.chosen = append(m.chosen, in)
			}
		}
		if len(m.chosen) < indicators {
			return fmt.Errorf("the catalogue has only %d additive indicators", len(m.chosen))
		}
		return nil
	})
}

// load fills the site step by step, measures reads of the top after each, and writes the same rows as CSV for the peer.
func (m *measuring) load(ctx context.Context) (time.Duration, error) {
	file, err := os.Create(filepath.Join(m.dir, m.engine+".csv"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	m.csv = bufio.NewWriterSize(file, 1<<20)
	r := rand.New(rand.NewPCG(1, 1))
	var spent time.Duration
	var first time.Duration
	from := 0
	for _, upto := range m.steps {
		upto = min(upto, len(m.units))
		for from < upto {
			to := min(from+chunkUnits, upto)
			for _, p := range m.periods[:m.quarters] {
				d, err := m.chunk(ctx, r, m.units[from:to], p)
				if err != nil {
					return 0, err
				}
				spent += d
			}
			from = to
		}
		if !m.only.wants("load", parts) {
			continue
		}
		took, err := m.topRead(ctx)
		if err != nil {
			return 0, err
		}
		name := fmt.Sprintf("top read at %d figures, p10", m.rows)
		if first == 0 {
			first = took
			m.note(m.engine, name, round(took), took.Seconds())
			continue
		}
		m.within(m.engine, name+" / first", float64(took)/float64(first), 1.2, "x")
	}
	return spent, m.csv.Flush()
}

func (m *measuring) chunk(ctx context.Context, r *rand.Rand, units []org.Unit, p period.Period) (time.Duration, error) {
	inputs := make([]figure.Input, 0, len(units)*indicators)
	for _, u := range units {
		for _, in := range m.chosen {
			v := r.Int64N(1_000_000_000)
			q := viet.Exact
			if v%29 == 0 {
				q = viet.Over
			}
			inputs = append(inputs, figure.Input{Unit: u.ID, Period: p, Indicator: in, Expect: figure.Any, Quantity: viet.Quantity{Value: v, Scale: in.Decimals, Qualifier: q}})
			fmt.Fprintf(m.csv, "%d,%d,%d,0,1,1,1,%d,%d,,,e,,\n", u.ID, p.ID, in.ID, v, q)
		}
	}
	m.rows += len(inputs)
	began := time.Now()
	err := m.app.DB.Write(ctx, func(tx *db.Tx) error {
		return m.app.Figures.Load(ctx, tx, auth.System(), figure.Imported, "bench", p, inputs, figure.Submitted)
	})
	return time.Since(began), err
}

// peerLoad loads the same rows with the engine's own bulk loader into a table of the same shape and key.
func (m *measuring) peerLoad(ctx context.Context, ours time.Duration) error {
	began := time.Now()
	name := "sqlite3 .import"
	if m.engine == "postgres" {
		name = "COPY"
		if err := m.peerCopy(ctx); err != nil {
			return err
		}
	} else {
		path, err := exec.LookPath("sqlite3")
		if err != nil {
			m.note(m.engine, "bulk load against sqlite3 .import", "no sqlite3 on this machine", 0)
			return nil
		}
		script := strings.Join([]string{
			".bail on", "pragma journal_mode=wal;", "pragma synchronous=full;", peerTable + " without rowid;",
			".mode csv", ".import " + filepath.Join(m.dir, "sqlite.csv") + " peer", "",
		}, "\n")
		cmd := exec.CommandContext(ctx, path, filepath.Join(m.dir, "peer.db"))
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("sqlite3 .import: %w: %s", err, out)
		}
	}
	m.atLeast(m.engine, "bulk load against "+name, time.Since(began).Seconds()/ours.Seconds(), 0.25, "x")
	return nil
}

const peerTable = `create table peer (unit bigint, period bigint, indicator bigint, part bigint, layer bigint, version bigint, indicator_version bigint,
	value bigint, qualifier bigint, raw text, as_of text, entry text, origin text, reason text, primary key (unit, period, indicator, part, layer, version))`

func (m *measuring) memory(context.Context) error {
	runtime.GC()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		m.note(m.engine, "memory", "not readable on this system", 0)
		return nil
	}
	for line := range strings.Lines(string(b)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "RssAnon: %f kB", &kb); n == 1 {
			m.note(m.engine, "memory of this process, which also made the data", number(kb/1024)+" MB", kb/1024)
		}
	}
	return nil
}
