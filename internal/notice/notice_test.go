package notice_test

import (
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/notice"
)

var ctx = context.Background()

func TestAPersonIsToldOnceAndReadsTheirOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
		s := notice.New(d, c)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		tell := func(people []string, path, text string) {
			must(d.Write(ctx, func(tx *db.Tx) error {
				return notice.Tell(ctx, tx, c.Milli(), people, notice.Note{Kind: notice.Due, Path: path, Text: text, Args: []string{"quý III"}})
			}))
		}
		must(d.Write(ctx, func(tx *db.Tx) error {
			for _, id := range []string{"an", "binh"} {
				if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$1,'','','vi',false,0,1)`, id); err != nil {
					return err
				}
			}
			return nil
		}))
		an, binh := auth.Actor{Person: "an", Name: "An"}, auth.Actor{Person: "binh", Name: "Bình"}
		tell([]string{"an", "an", "", "system", "nobody"}, "/a", "lần một %s")
		tell([]string{"an"}, "/a", "lần hai %s")
		tell([]string{"an", "binh"}, "/b", "khác %s")
		list, err := s.Mine(ctx, an)
		must(err)
		if len(list) != 2 {
			t.Fatalf("an has %+v", list)
		}
		for _, n := range list {
			if n.Path == "/a" && n.Text != "lần hai %s" {
				t.Errorf("the later one does not stand: %+v", n)
			}
		}
		if _, err := s.Read(ctx, binh, list[0].ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("another's notice was read: %v", err)
		}
		_, err = s.Read(ctx, an, list[0].ID)
		must(err)
		if n, err := s.Unread(ctx, an); err != nil || n != 1 {
			t.Errorf("unread: %d, %v", n, err)
		}
		tell([]string{"an"}, list[0].Path, "lại %s")
		if n, err := s.Unread(ctx, an); err != nil || n != 2 {
			t.Errorf("what was read is told again when it happens again: %d, %v", n, err)
		}
		must(s.ReadAll(ctx, an))
		c.Advance(100 * 24 * time.Hour)
		must(s.Sweep(ctx))
		if list, err = s.Mine(ctx, an); err != nil || len(list) != 0 {
			t.Errorf("after the sweep: %+v, %v", list, err)
		}
		if n, err := s.Unread(ctx, binh); err != nil || n != 1 {
			t.Errorf("what nobody has read is kept: %d, %v", n, err)
		}
	})
}
