package period

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
)

// The settings of the house. Both act on periods that are made after they are set.
const (
	settingCutoff  = "period.cutoff"   // "calendar" (the default) or "15"
	settingDueDays = "period.due_days" // days from a period's last day to the day its reports are due; may be negative
)

// The day of closing is the audit's: the table holds no copy that could differ from it.
const selectPeriod = `select p.id, p.code, p.kind, p.year, p.ordinal, p.date_from, p.date_to, p.state, p.due, p.version,
	case when p.state = 'closed' then coalesce((select max(a.at) from audit_entry a
		where a.house = 'period' and a.object = p.code and a.verb = 'close'), 0) else 0 end
	from period p `

func scanPeriod(rows *sql.Rows) (Period, error) { return readPeriod(rows.Scan) }

func readPeriod(scan db.Scan) (Period, error) {
	var p Period
	var closed int64
	err := scan(&p.ID, &p.Code, &p.Kind, &p.Year, &p.Ordinal, &p.From, &p.To, &p.State, &p.Due, &p.Version, &closed)
	if closed != 0 {
		p.Closed = clock.At(closed).Format(time.DateOnly)
	}
	return p, err
}

func one(found []Period, err error) (Period, error) {
	if err != nil {
		return Period{}, err
	}
	if len(found) == 0 {
		return Period{}, fault.NotFound()
	}
	return found[0], nil
}

// Find reads the period of a code, or of a text that names one; fault.NotFound when the site has none.
func Find(ctx context.Context, tx *db.Tx, code string) (Period, error) {
	p, err := Parse(code)
	if err != nil {
		return Period{}, err
	}
	return FindID(ctx, tx, p.ID)
}

// FindID reads a period by key.
func FindID(ctx context.Context, tx *db.Tx, id int64) (Period, error) {
	return one(db.Collect(ctx, tx, scanPeriod, selectPeriod+`where p.id = $1`, id))
}

// Ask is FindID as a part of a batch: what it answers gives the period once the batch has run.
func Ask(b *db.Batch, id int64) func() (Period, error) {
	var found []Period
	b.Query(func(scan db.Scan) error {
		p, err := readPeriod(scan)
		found = append(found, p)
		return err
	}, selectPeriod+`where p.id = $1`, id)
	return func() (Period, error) { return one(found, nil) }
}

// Ensure finds the period of a code or text, or makes it with the site's cut-off. Writers who race for it make the same
// row, since its key follows from what it is.
func Ensure(ctx context.Context, tx *db.Tx, code string) (Period, error) {
	p, err := Parse(code)
	if err != nil {
		return Period{}, err
	}
	if found, err := FindID(ctx, tx, p.ID); !fault.Is(err, fault.KindNotFound) {
		return found, err
	}
	cut, err := readCutoff(ctx, tx)
	if err != nil {
		return Period{}, err
	}
	if p, err = parse(p.Code, cut); err != nil {
		return Period{}, err
	}
	if p.Due, err = defaultDue(ctx, tx, p); err != nil {
		return Period{}, err
	}
	p.Version = 1
	_, err = tx.Exec(ctx, `insert into period(id, code, kind, year, ordinal, date_from, date_to, state, due, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) on conflict (id) do nothing`,
		p.ID, p.Code, p.Kind, p.Year, p.Ordinal, p.From, p.To, string(p.State), p.Due, p.Version)
	if err != nil {
		return Period{}, fmt.Errorf("insert period %s: %w", p.Code, err)
	}
	return p, nil
}

// List reads the periods of a kind, or all when kind is empty, the latest first; those that end on one day, the shorter
// first.
func List(ctx context.Context, tx *db.Tx, kind string) ([]Period, error) {
	return db.Collect(ctx, tx, scanPeriod, selectPeriod+`where $1 = '' or p.kind = $1
		order by p.date_to desc, p.date_from desc, p.id`, kind)
}

// Codes reads the periods of canonical codes, by code. Those that the site has not are left out.
func Codes(ctx context.Context, tx *db.Tx, codes []string) (map[string]Period, error) {
	out := make(map[string]Period, len(codes))
	const most = 500 // placeholders in one statement
	for len(codes) > 0 {
		n := min(most, len(codes))
		found, err := db.Collect(ctx, tx, scanPeriod, selectPeriod+`where p.code in (`+db.List(n, 1)+`)`, db.Args(codes[:n])...)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			out[p.Code] = p
		}
		codes = codes[n:]
	}
	return out, nil
}

// update writes state and due day when the row is still the one the actor saw.
func update(ctx context.Context, tx *db.Tx, p Period, version int) error {
	n, err := tx.Exec(ctx, `update period set state = $3, due = $4, version = version + 1 where id = $1 and version = $2`,
		p.ID, version, string(p.State), p.Due)
	if err != nil {
		return fmt.Errorf("update period %s: %w", p.Code, err)
	}
	if n == 0 {
		return fault.Conflictf("Kỳ %s vừa được người khác sửa. Hãy mở lại trang để xem rồi làm tiếp.", p)
	}
	return nil
}

func readCutoff(ctx context.Context, tx *db.Tx) (Cutoff, error) {
	value, err := setting.Get(ctx, tx, settingCutoff, string(Calendar))
	if err != nil {
		return "", err
	}
	if cut := Cutoff(value); cut == Calendar || cut == Mid {
		return cut, nil
	}
	return "", fmt.Errorf("setting %s is %q, neither %q nor %q", settingCutoff, value, Calendar, Mid)
}

func defaultDue(ctx context.Context, tx *db.Tx, p Period) (string, error) {
	value, err := setting.Get(ctx, tx, settingDueDays, "0")
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", settingDueDays, err)
	}
	_, end := p.bounds()
	return iso(end.AddDate(0, 0, n-1)), nil
}

// Holding is the period of a calendar kind that holds a day, by the site's cut-off; it is made when the site has not got it yet.
func Holding(ctx context.Context, tx *db.Tx, kind, day string) (Period, error) {
	cut, err := readCutoff(ctx, tx)
	if err != nil {
		return Period{}, err
	}
	p, ok := On(kind, day, cut)
	if !ok {
		return Period{}, fault.NotFound()
	}
	return Ensure(ctx, tx, p.Code)
}
