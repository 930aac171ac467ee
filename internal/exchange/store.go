package exchange

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/db"
	"giaoban/internal/fault"
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
