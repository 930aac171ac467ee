package article

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

const columns = ` a.id, a.unit, a.period, u.code, p.code, a.report, a.slug, a.state, a.version, v.title, v.lead, v.body, v.author,
	a.updated_at, coalesce(a.published_at, 0), a.retracted_why, not v.published `

const joined = ` from article a join unit u on u.id = a.unit join period p on p.id = a.period join article_version v on v.article = a.id `

// newest joins the newest version; shown the newest that was published.
const (
	newest = ` v.version = a.version `
	shown  = ` a.state = 'published' and v.version = (select max(x.version) from article_version x where x.article = a.id and x.published) `
)

func scan(rows *sql.Rows) (Article, error) {
	var a Article
	err := rows.Scan(&a.ID, &a.Unit, &a.Period, &a.UnitCode, &a.PeriodCode, &a.Report, &a.Slug, &a.State, &a.Version, &a.Title, &a.Lead, &a.Body,
		&a.Author, &a.UpdatedAt, &a.PublishedAt, &a.RetractedWhy, &a.Changed)
	return a, err
}

// find reads an item for somebody who may edit it.
func find(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, id, today string) (Article, error) {
	args := append([]any{id, today}, org.WithinArgs(who, p, today)...)
	return one(ctx, tx, `select`+columns+joined+`where a.id = $1 and`+newest+`and`+org.Within("a.unit", "$2", 3), args...)
}

func one(ctx context.Context, tx *db.Tx, query string, args ...any) (Article, error) {
	found, err := db.Collect(ctx, tx, scan, query, args...)
	if err != nil {
		return Article{}, err
	}
	if len(found) == 0 {
		return Article{}, fault.NotFound()
	}
	a := found[0]
	a.Numbers, err = db.Collect(ctx, tx, func(r *sql.Rows) (Number, error) {
		var n Number
		err := r.Scan(&n.Text, &n.Name, &n.URL, &n.Short)
		return n, err
	}, `select text, name, url, short from article_number where article = $1 order by ordinal`, a.ID)
	return a, err
}

func list(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]Article, error) {
	args := append([]any{today}, org.WithinArgs(who, auth.Edit, today)...)
	return db.Collect(ctx, tx, scan, `select`+columns+joined+`where`+newest+`and`+org.Within("a.unit", "$1", 2)+` order by a.updated_at desc, a.id`, args...)
}

func insert(ctx context.Context, tx *db.Tx, a Article, t Text, person string) error {
	if _, err := tx.Exec(ctx, `insert into article(id, unit, period, report, slug, state, version, made_at, updated_at, published_at, retracted_why)
		values ($1,$2,$3,$4,$5,$6,1,$7,$7,null,'')`, a.ID, a.Unit, a.Period, a.Report, a.Slug, string(Draft), a.UpdatedAt); err != nil {
		return fmt.Errorf("insert article: %w", err)
	}
	rows := make([][]any, len(a.Numbers))
	for i, n := range a.Numbers {
		rows[i] = []any{a.ID, i, n.Text, n.Name, n.URL, n.Short}
	}
	if err := tx.Insert(ctx, `insert into article_number(article, ordinal, text, name, url, short) values `, "", rows); err != nil {
		return err
	}
	return insertVersion(ctx, tx, a.ID, 1, t, a.UpdatedAt, person)
}

func insertVersion(ctx context.Context, tx *db.Tx, id string, version int, t Text, at int64, person string) error {
	_, err := tx.Exec(ctx, `insert into article_version(article, version, title, lead, body, author, published, at, person)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, id, version, t.Title, t.Lead, t.Body, t.Author, false, at, person)
	return err
}

// move changes the item's row if it is still the version that the actor saw.
func move(ctx context.Context, tx *db.Tx, a Article, version int, at int64) error {
	n, err := tx.Exec(ctx, `update article set state = $3, version = $4, updated_at = $5, published_at = $6, retracted_why = $7 where id = $1 and version = $2`,
		a.ID, version, string(a.State), a.Version, at, orNull(a.PublishedAt), a.RetractedWhy)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Conflict("Bài vừa được người khác sửa. Hãy mở lại trang để xem bản mới; phần bạn vừa gõ vẫn còn trên màn hình này.")
	}
	return nil
}

func orNull(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}
