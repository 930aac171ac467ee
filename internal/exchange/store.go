package exchange

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
)

const schemeSelect = `select code, name, dataset, version from exchange_scheme`

func scanScheme(rows *sql.Rows) (s Scheme, err error) {
	err = rows.Scan(&s.Code, &s.Name, &s.DataSet, &s.Version)
	return s, err
}

func listSchemes(ctx context.Context, tx *db.Tx) ([]Scheme, error) {
	return db.Collect(ctx, tx, scanScheme, schemeSelect+` order by code`)
}

// find reads a table with its codes.
func find(ctx context.Context, tx *db.Tx, code string) (Scheme, error) {
	found, err := db.Collect(ctx, tx, scanScheme, schemeSelect+` where code = $1`, code)
	if err != nil {
		return Scheme{}, err
	}
	if len(found) == 0 {
		return Scheme{}, fault.NotFound()
	}
	s := found[0]
	s.Codes, err = db.Collect(ctx, tx, func(rows *sql.Rows) (c Code, err error) {
		err = rows.Scan(&c.Kind, &c.Theirs, &c.Option, &c.Ours)
		return c, err
	}, `select kind, theirs, option, ours from exchange_code where scheme = $1 order by ordinal`, code)
	return s, err
}

// put writes a table over the version that was seen; version 0 is a new one.
func put(ctx context.Context, tx *db.Tx, s Scheme) error {
	var n int64
	var err error
	if s.Version == 0 {
		n, err = tx.Exec(ctx, `insert into exchange_scheme(code, name, dataset, version) values ($1,$2,$3,1) on conflict (code) do nothing`, s.Code, s.Name, s.DataSet)
	} else {
		n, err = tx.Exec(ctx, `update exchange_scheme set name = $2, dataset = $3, version = version + 1 where code = $1 and version = $4`, s.Code, s.Name, s.DataSet, s.Version)
	}
	switch {
	case err != nil:
		return fmt.Errorf("put table of codes %s: %w", s.Code, err)
	case n == 0 && s.Version == 0:
		return fault.Invalid("ma", "Đã có bảng mã mang tên tắt này. Hãy chọn tên tắt khác.")
	case n == 0:
		return fault.Conflict("Bảng mã này vừa được người khác sửa. Hãy mở lại trang để xem bản mới rồi sửa tiếp.")
	}
	if _, err := tx.Exec(ctx, `delete from exchange_code where scheme = $1`, s.Code); err != nil {
		return err
	}
	for i, c := range s.Codes {
		if _, err := tx.Exec(ctx, `insert into exchange_code(scheme, kind, theirs, option, ours, ordinal) values ($1,$2,$3,$4,$5,$6)`,
			s.Code, string(c.Kind), c.Theirs, c.Option, c.Ours, i); err != nil {
			return err
		}
	}
	return nil
}

// Sent is a package that this site has made. Data is read only where it is asked for.
type Sent struct {
	ID           string
	Unit, Period int64
	UnitCode     string
	UnitName     string
	PeriodCode   string
	Serial       int
	Hash         string
	State        string
	Fingerprint  string
	At           int64
	By           string
}

const sentSelect = `select s.id, s.unit, s.period, u.code, d.code, s.serial, s.hash, s.state, s.fingerprint, s.at, s.person
	from exchange_sent s join unit u on u.id = s.unit join period d on d.id = s.period `

func scanSent(rows *sql.Rows) (s Sent, err error) {
	err = rows.Scan(&s.ID, &s.Unit, &s.Period, &s.UnitCode, &s.PeriodCode, &s.Serial, &s.Hash, &s.State, &s.Fingerprint, &s.At, &s.By)
	return s, err
}

// lastSent is the latest package of a unit and period; serial 0 where there is none.
func lastSent(ctx context.Context, tx *db.Tx, unit, per int64) (Sent, error) {
	found, err := db.Collect(ctx, tx, scanSent, sentSelect+`where s.unit = $1 and s.period = $2 order by s.serial desc limit 1`, unit, per)
	if err != nil || len(found) == 0 {
		return Sent{}, err
	}
	return found[0], nil
}

func insertSent(ctx context.Context, tx *db.Tx, s Sent, file []byte) error {
	data, err := packed(file)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into exchange_sent(id, unit, period, serial, hash, state, fingerprint, at, person, data) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		s.ID, s.Unit, s.Period, s.Serial, s.Hash, s.State, s.Fingerprint, s.At, s.By, data)
	return err
}

func sentFile(ctx context.Context, tx *db.Tx, id string) ([]byte, error) {
	var data []byte
	if err := tx.QueryRow(ctx, `select data from exchange_sent where id = $1`, id).Scan(&data); err != nil {
		return nil, err
	}
	return unpacked(data)
}

// packed and unpacked keep the files of packages in a fifth of their room.
func packed(file []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(file)
	err = errors.Join(err, z.Close()) // the bytes are whole only then
	return b.Bytes(), err
}

func unpacked(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("stored package: %w", err)
	}
	return io.ReadAll(z)
}

// Key is another site's key, by its fingerprint, with the unit that it speaks for: that and all below it, and nothing else.
type Key struct {
	ID          string
	Name        string
	Unit        int64
	UnitCode    string
	UnitName    string
	Fingerprint string
	Scheme      string
	At          int64
	By          string
	RevokedAt   int64 // 0 while it is trusted
	RevokedBy   string
	Reason      string
	Version     int
}

const keySelect = `select k.id, k.name, k.unit, u.code, k.fingerprint, k.scheme, k.at, k.person, k.revoked_at, k.revoked_by, k.reason, k.version
	from exchange_key k join unit u on u.id = k.unit `

func scanKey(rows *sql.Rows) (k Key, err error) {
	err = rows.Scan(&k.ID, &k.Name, &k.Unit, &k.UnitCode, &k.Fingerprint, &k.Scheme, &k.At, &k.By, &k.RevokedAt, &k.RevokedBy, &k.Reason, &k.Version)
	return k, err
}

// keyOf finds a key by its fingerprint; ID is empty where nobody has entered it.
func keyOf(ctx context.Context, tx *db.Tx, fingerprint string) (Key, error) {
	found, err := db.Collect(ctx, tx, scanKey, keySelect+`where k.fingerprint = $1`, fingerprint)
	if err != nil || len(found) == 0 {
		return Key{}, err
	}
	return found[0], nil
}

func insertKey(ctx context.Context, tx *db.Tx, k Key) error {
	n, err := tx.Exec(ctx, `insert into exchange_key(id, name, unit, fingerprint, scheme, at, person, revoked_at, revoked_by, reason, version)
		values ($1,$2,$3,$4,$5,$6,$7,0,'','',1) on conflict (fingerprint) do nothing`, k.ID, k.Name, k.Unit, k.Fingerprint, k.Scheme, k.At, k.By)
	if err == nil && n == 0 {
		err = fault.Invalid("dau-khoa", "Khóa này đã có trong danh sách. Khóa đã thu hồi không dùng lại: hãy đề nghị nơi gửi lập khóa mới.")
	}
	return err
}

func revokeKey(ctx context.Context, tx *db.Tx, k Key, version int) error {
	n, err := tx.Exec(ctx, `update exchange_key set revoked_at = $3, revoked_by = $4, reason = $5, version = version + 1 where id = $1 and version = $2 and revoked_at = 0`,
		k.ID, version, k.RevokedAt, k.RevokedBy, k.Reason)
	if err == nil && n == 0 {
		err = fault.Conflict("Khóa này vừa được người khác thu hồi. Hãy mở lại trang để xem.")
	}
	return err
}

// Received is a package that was accepted, under its import.
type Received struct {
	Plan         string
	Key          string
	Unit, Period int64
	Serial       int
	Hash         string
	At           int64
	By           string
	UndoneAt     int64 // 0 while it stands
}

const receivedSelect = `select r.plan, r.key, r.unit, r.period, r.serial, r.hash, r.at, r.person, r.undone_at from exchange_received r `

func scanReceived(rows *sql.Rows) (r Received, err error) {
	err = rows.Scan(&r.Plan, &r.Key, &r.Unit, &r.Period, &r.Serial, &r.Hash, &r.At, &r.By, &r.UndoneAt)
	return r, err
}

// standingReceived lists the packages of a unit and period that stand, the latest first.
func standingReceived(ctx context.Context, tx *db.Tx, unit, per int64) ([]Received, error) {
	return db.Collect(ctx, tx, scanReceived, receivedSelect+`where r.unit = $1 and r.period = $2 and r.undone_at = 0 order by r.serial desc`, unit, per)
}

func receivedOf(ctx context.Context, tx *db.Tx, plan string) (Received, error) {
	found, err := db.Collect(ctx, tx, scanReceived, receivedSelect+`where r.plan = $1`, plan)
	if err == nil && len(found) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Received{}, err
	}
	return found[0], nil
}

func insertReceived(ctx context.Context, tx *db.Tx, r Received, file []byte) error {
	data, err := packed(file)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into exchange_received(plan, key, unit, period, serial, hash, at, person, undone_at, data) values ($1,$2,$3,$4,$5,$6,$7,$8,0,$9)`,
		r.Plan, r.Key, r.Unit, r.Period, r.Serial, r.Hash, r.At, r.By, data)
	return err
}

// receivedPackage reads the file of an accepted package again.
func receivedPackage(ctx context.Context, tx *db.Tx, plan string) (Opened, error) {
	var data []byte
	if err := tx.QueryRow(ctx, `select data from exchange_received where plan = $1`, plan).Scan(&data); err != nil {
		return Opened{}, err
	}
	file, err := unpacked(data)
	if err != nil {
		return Opened{}, err
	}
	return Open(file)
}

// parent is a parent that a unit has or had.
type parent struct {
	unit int64
	PackageParent
}

func listParents(ctx context.Context, tx *db.Tx) ([]parent, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (p parent, err error) {
		var h int64
		err = rows.Scan(&p.unit, &h, &p.Unit, &p.From, &p.To)
		p.Tree = trees[org.Hierarchy(h)]
		return p, err
	}, `select e.unit, e.hierarchy, u.code, e.valid_from, e.valid_to from unit_edge e join unit u on u.id = e.parent
		where e.valid_from < e.valid_to order by e.unit, e.hierarchy, e.valid_from, u.code`)
}

// overlap is an overlap of two units' figures that stands.
type overlap struct {
	id          string
	cell        figure.Cell
	other       int64
	amount      sql.NullInt64
	reason      string
	code, their string
}

func listOverlaps(ctx context.Context, tx *db.Tx, per int64) ([]overlap, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (o overlap, err error) {
		err = rows.Scan(&o.id, &o.cell.Unit, &o.cell.Indicator, &o.cell.Part, &o.other, &o.amount, &o.reason, &o.code, &o.their)
		o.cell.Period = per
		return o, err
	}, `select o.id, o.unit, o.indicator, o.part, o.other_unit, o.amount, o.reason, u.code, v.code from figure_overlap o
		join unit u on u.id = o.unit join unit v on v.id = o.other_unit where o.period = $1 and o.ended_by is null order by o.id`, per)
}
