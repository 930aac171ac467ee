package article

import (
	"context"
	"fmt"
	"testing"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web/webtest"
)

// A resident reaches every published item, however many there are, and none that is a draft or was taken down.
func TestNewsHavePages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
		s := New(d, c, nil, nil)
		visitor := webtest.At(t, webtest.NewStage(t, s.Mount).URL)
		visitor.Get("/tin").OK().Has("Chưa có tin nào được đăng").LacksElement(".pager")

		if err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `insert into unit(id, code, kind, valid_from, valid_to, version) values (1,'TX','place',$1,$2,1)`, org.Always, org.Forever); err != nil {
				return err
			}
			p, err := period.Ensure(ctx, tx, "2019-Q3")
			if err != nil {
				return err
			}
			for i := range newsPage + 3 {
				a := Article{ID: fmt.Sprintf("a%02d", i), Unit: 1, Period: p.ID, Slug: fmt.Sprintf("tin-%02d", i), UpdatedAt: int64(i + 1)}
				if err := insert(ctx, tx, a, Text{Title: fmt.Sprintf("Tin số %02d", i), Lead: "Mở đầu", Body: "Nội dung"}, "x"); err != nil {
					return err
				}
			}
			// The newest stays a draft, the one before was taken down.
			if _, err := tx.Exec(ctx, `update article set state = 'published', published_at = updated_at where updated_at <= $1`, newsPage+2); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update article set state = 'retracted' where updated_at = $1`, newsPage+2); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `update article_version set published = $1`, true)
			return err
		}); err != nil {
			t.Fatal(err)
		}

		first := visitor.Get("/tin").OK().Has("Tin số 20", "Tin số 01", "Trang 1 trên 2").Lacks("Tin số 00", "Tin số 21", "Tin số 22")
		next, ok := first.Find(".pager a[rel=next]").Attr("href")
		if !ok {
			t.Fatal("the first page of news leads to no second")
		}
		visitor.Get(next).OK().Has("Tin số 00", "Trang 2 trên 2").Lacks("Tin số 01")
		visitor.Get("/tin?trang=99").OK().Has("Tin số 00")
		visitor.Get("/tin/tin-21").Is(404)
		visitor.Get("/tin/tin-22").Is(404)
		if n, err := s.Published(ctx); err != nil || n != newsPage+1 {
			t.Errorf("%d published, %v", n, err)
		}
	})
}
