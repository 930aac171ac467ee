package audit_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

var ctx = context.Background()

const start = int64(1_570_000_000_000)

// trail writes n entries a second apart and seals them.
func trail(t *testing.T, d *db.DB, n int) []string {
	t.Helper()
	who := auth.Actor{Person: "p1", Name: "Người Một", For: "p2", Address: "10.0.0.7"}
	for i := range n {
		write(t, d, who, audit.Act{
			At: start + int64(i)*1000, Verb: "due", House: "period", Object: fmt.Sprintf("Q%d", i), Units: []int64{7, 3, 7, 0}, Reason: "theo <văn bản> & công văn",
			Before: "2019-10-05", After: map[string]any{"due": "2019-10-07"},
		})
	}
	sealUp(t, d, start+int64(n)*1000)
	return ids(t, d)
}

func write(t *testing.T, d *db.DB, who auth.Actor, act audit.Act) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error { return audit.Write(ctx, tx, who, act) }); err != nil {
		t.Fatal(err)
	}
}

func sealUp(t *testing.T, d *db.DB, now int64) int {
	t.Helper()
	n, err := audit.Seal(ctx, d, now)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func ids(t *testing.T, d *db.DB) (out []string) {
	t.Helper()
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, db.Scalar[string], `select entry from audit_seal order by seq`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func check(t *testing.T, d *db.DB) (c audit.Checked) {
	t.Helper()
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		c, err = audit.Check(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// behind changes the site as somebody with the database in their hands does.
func behind(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			t.Errorf("nothing was tampered with: %s", query)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnEntryKeepsWhoActedForWhomFromWhereAndWhatChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		trail(t, d, 1)
		var list []audit.Deed
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			list, err = audit.Deeds(ctx, tx, "period", "Q0")
			return err
		}); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		e := list[0]
		if e.Person != "p1" || e.ActingFor != "p2" || e.Address != "10.0.0.7" || !slices.Equal(e.Units, []int64{3, 7}) ||
			e.Before != `"2019-10-05"` || e.After != `{"due":"2019-10-07"}` || e.Detail != "{}" {
			t.Errorf("%+v", e)
		}
	})
}

func TestTamperingIsNamedWhereItWasDone(t *testing.T) {
	t.Parallel()
	const n = 12
	for name, c := range map[string]struct {
		do   func(t *testing.T, d *db.DB, ids []string)
		want []string // fault and number
	}{
		"nothing done": {func(*testing.T, *db.DB, []string) {}, nil},
		"an entry's text changed": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `update audit_entry set after = '{"due":"2019-10-09"}' where id = $1`, ids[4])
		}, []string{"changed 5"}},
		"who did it changed, and the units spoilt": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `update audit_entry set person = 'p9', units = '[3' where id = $1`, ids[11])
		}, []string{"changed 12", "hidden 0"}},
		"an entry hidden from those who may see its units": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `delete from audit_unit where entry = $1 and unit = 7`, ids[2])
		}, []string{"hidden 0"}},
		"an entry laid before those who may not see its units": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `insert into audit_unit(entry, unit) values ($1, 9)`, ids[2])
		}, []string{"hidden 0"}},
		"an entry and its digest changed": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `update audit_seal set digest = 'f00d' where entry = $1`, ids[4])
			behind(t, d, `delete from audit_entry where id = $1`, ids[4])
		}, []string{"removed 5"}},
		"an entry removed": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `delete from audit_entry where id = $1`, ids[6])
		}, []string{"removed 7"}},
		"an entry removed with its seal": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `delete from audit_entry where id = $1`, ids[6])
			behind(t, d, `delete from audit_seal where entry = $1`, ids[6])
		}, []string{"removed 7", "order 8"}},
		"an entry removed with its seal, the gap closed": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `delete from audit_entry where id = $1`, ids[6])
			behind(t, d, `delete from audit_seal where entry = $1`, ids[6])
			for seq := 8; seq <= n; seq++ {
				behind(t, d, `update audit_seal set seq = seq - 1 where seq = $1`, seq)
			}
		}, []string{"order 7", "end 12"}},
		"the last entries removed with their seals": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `delete from audit_entry where id >= $1`, ids[10])
			behind(t, d, `delete from audit_seal where seq > 10`)
		}, []string{"end 12"}},
		"two entries change places": {func(t *testing.T, d *db.DB, _ []string) {
			behind(t, d, `update audit_seal set seq = case seq when 3 then -3 else -4 end where seq in (3, 4)`)
			behind(t, d, `update audit_seal set seq = case seq when -3 then 4 else 3 end where seq in (-3, -4)`)
		}, []string{"order 3", "order 4", "order 5"}},
		"an entry of an earlier day put in": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `insert into audit_entry(id, at, person, verb, house, object, reason, detail) values ($1, $2, 'p1', 'due', 'period', 'Q3', '', '{}')`,
				ids[3]+"0", start-86_400_000)
		}, []string{"inserted 0"}},
		"an entry of an earlier day put in while the sealer runs": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `insert into audit_entry(id, at, person, verb, house, object, reason, detail) values ($1, $2, 'p1', 'due', 'period', 'Q3', '', '{}')`,
				ids[3]+"0", start-86_400_000)
			sealUp(t, d, start+60_000)
		}, []string{"inserted 13"}},
		"an entry put in as if it were sealed": {func(t *testing.T, d *db.DB, ids []string) {
			behind(t, d, `insert into audit_entry(id, at, person, verb, house, object, reason, detail, sealed) values ($1, $2, 'p1', 'due', 'period', 'Q3', '', '{}', true)`,
				ids[3]+"0", start-86_400_000)
			sealUp(t, d, start+60_000)
		}, []string{"inserted 0"}},
		"a seal's time changed": {func(t *testing.T, d *db.DB, _ []string) {
			behind(t, d, `update audit_seal set at = at - 1 where seq = 2`)
		}, []string{"order 2"}},
		"older figures said to be older still": {func(t *testing.T, d *db.DB, _ []string) {
			behind(t, d, `update audit_head set plain = plain + 9`)
		}, []string{"order 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				c.do(t, d, trail(t, d, n))
				got := check(t, d)
				var named []string
				for _, f := range got.List {
					named = append(named, fmt.Sprintf("%s %d", f.Fault, f.Seq))
				}
				if diff := cmp.Diff(c.want, named); diff != "" || got.Flaws != len(c.want) {
					t.Error(diff, got.Flaws)
				}
			})
		})
	}
}

func TestWhatIsNotSealedYetIsCountedAndNoFlaw(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		trail(t, d, 3)
		write(t, d, auth.System(), audit.Act{At: start + 5000, Verb: "close", House: "period", Object: "Q1"})
		if c := check(t, d); c.Flaws != 0 || c.Waiting != 1 || c.Sealed != 3 {
			t.Errorf("%+v", c)
		}
	})
}

func TestEntriesFromBeforeTheChainMayWaitForTheirFirstSealAcrossAStop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			for i := range 250 { // more than a sealer takes at once
				if err := audit.Write(ctx, tx, auth.System(), audit.Act{At: start + int64(i), Verb: "close", House: "period"}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		behind(t, d, `update audit_head set older = (select max(id) from audit_entry)`)
		behind(t, d, `update audit_entry set sealed = true where id > (select id from audit_entry order by id limit 1 offset 99)`)
		sealUp(t, d, start+86_400_000)
		behind(t, d, `update audit_entry set sealed = false where id not in (select entry from audit_seal)`)
		if c := check(t, d); c.Flaws != 0 || c.Waiting != 150 || c.Sealed != 100 {
			t.Errorf("stopped half-way: %+v", c)
		}
		sealUp(t, d, start+2*86_400_000)
		if c := check(t, d); c.Flaws != 0 || c.Waiting != 0 || c.Sealed != 250 {
			t.Errorf("gone on the next day: %+v", c)
		}
	})
}

func TestSealersInSeveralProcessesMakeOneChain(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.DSN(t, engine)
			const processes, each = 3, 60
			var wg sync.WaitGroup
			for range processes {
				d, err := db.Open(ctx, dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				})
				wg.Go(func() {
					for i := range each {
						if err := d.WriteGuarded(ctx, func(tx *db.Tx) error {
							return audit.Write(ctx, tx, auth.System(), audit.Act{At: start, Verb: "try", House: "period"})
						}); err != nil {
							t.Error(err)
						}
						if i%20 != 0 && i < each-1 {
							continue
						}
						if _, err := audit.Seal(ctx, d, start+int64(i)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			d, err := db.Open(ctx, dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if c := check(t, d); c.Flaws != 0 || c.Waiting != 0 || c.Sealed != processes*each {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestThePlaceOfAnEntryInTheChain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := trail(t, d, 3)
		write(t, d, auth.System(), audit.Act{At: start + 9000, Verb: "close", House: "period", Object: "Q9"})
		places := func() (out []audit.Place, waiting int) {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) error {
				entries, err := audit.Where(ctx, tx, `a.house = $1 order by a.id`, "period")
				if err != nil {
					return err
				}
				for _, e := range entries {
					p, sealed, err := audit.PlaceOf(ctx, tx, e)
					if err != nil {
						return err
					}
					if !sealed {
						waiting++
						continue
					}
					out = append(out, p)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return out, waiting
		}
		before, waiting := places()
		if len(before) != 3 || waiting != 1 || before[1].Previous != before[0].Hash || before[2].Seq != 3 || !before[0].Fits || !before[1].Fits || !before[2].Fits {
			t.Errorf("%+v, %d waiting", before, waiting)
		}
		behind(t, d, `update audit_entry set object = 'Q7' where id = $1`, list[1])
		if after, _ := places(); !after[0].Fits || after[1].Fits || !after[2].Fits {
			t.Errorf("%+v", after)
		}
	})
}
