package figure_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
)

// modelCell is a cell as a small reference has it.
type modelCell struct {
	version int
	value   int
	open    map[string]int // by person: what stands beside the cell
	gone    int            // rivals that are settled
}

// sent is a request as a browser made it; it may be sent again, late, or after newer ones.
type sent struct {
	who    int
	cell   string
	typing figure.Typing
	value  int
	answer *figure.Answer
}

// TestLostRepeatedAndReorderedCellsAreAsInTheModel: whatever the network does, each act has its effect once, no acknowledged
// value is lost, and no value is thrown away.
func TestLostRepeatedAndReorderedCellsAreAsInTheModel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		var people []auth.Actor
		for i := range 3 {
			people = append(people, s.person(fmt.Sprintf("m%d", i), "P01", auth.View, auth.Enter))
		}
		cells := []string{"TT01", "DG02"}
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			round++
			code := fmt.Sprintf("%d-Q%d", 1990+round/4, round%4+1)
			p := s.period(code)
			model := map[string]*modelCell{}
			for _, c := range cells {
				model[c] = &modelCell{open: map[string]int{}}
			}
			seen := map[string]int{} // the version that a person saw last in a cell
			var made []*sent
			deliver := func(r *sent) {
				m, who := model[r.cell], people[r.who]
				want := r.answer
				if want == nil {
					switch {
					case r.typing.Expect != m.version && r.value != m.value:
						want = &figure.Answer{}
						if _, some := m.open[who.Person]; some {
							m.gone++
						}
						m.open[who.Person] = r.value
					default:
						if r.value != m.value || m.version == 0 {
							m.version++
							m.value = r.value
						}
						if _, some := m.open[who.Person]; some {
							delete(m.open, who.Person)
							m.gone++
						}
						want = &figure.Answer{Saved: true, Version: m.version}
					}
				}
				got, err := s.figures.Type(ctx, who, "P01", code, r.typing)
				if err != nil {
					t.Fatal(err)
				}
				if got.Saved != want.Saved || got.Version != want.Version || r.answer != nil && got.Rival != want.Rival {
					t.Fatalf("%+v answered %+v, the model %+v", r.typing, got, want)
				}
				if got.Saved {
					seen[who.Person+r.cell] = got.Version
				} else {
					seen[who.Person+r.cell] = got.Theirs.Version
				}
				r.answer = &got
			}
			for range rapid.IntRange(1, 14).Draw(t, "steps") {
				if len(made) > 0 && rapid.IntRange(0, 2).Draw(t, "again") == 0 { // sent again, or for the first time after newer ones
					deliver(made[rapid.IntRange(0, len(made)-1).Draw(t, "which")])
					continue
				}
				r := &sent{who: rapid.IntRange(0, 2).Draw(t, "who"), cell: rapid.SampledFrom(cells).Draw(t, "cell"), value: rapid.IntRange(1, 4).Draw(t, "value")}
				r.typing = figure.Typing{ID: fmt.Sprintf("vong-%06d-%08d", round, len(made)), Cell: r.cell, Text: fmt.Sprint(r.value), Expect: seen[people[r.who].Person+r.cell]}
				made = append(made, r)
				if rapid.IntRange(0, 4).Draw(t, "lost") > 0 {
					deliver(r)
				}
			}
			u := s.unit("P01", p.To)
			count := func(query string, args ...any) (n int) {
				if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }); err != nil {
					t.Fatal(err)
				}
				return n
			}
			for _, c := range cells {
				m := model[c]
				in, _ := s.catalog.ByCode(c)
				if got := count(`select count(*) from figure where unit = $1 and period = $2 and indicator = $3 and layer = 1`, u.ID, p.ID, in.ID); got != m.version {
					t.Fatalf("%s has %d versions, the model %d", c, got, m.version)
				}
				if got := count(`select count(*) from figure_rival where unit = $1 and period = $2 and indicator = $3 and outcome = ''`, u.ID, p.ID, in.ID); got != len(m.open) {
					t.Fatalf("%s has %d open rivals, the model %d", c, got, len(m.open))
				}
				if got := count(`select count(*) from figure_rival where unit = $1 and period = $2 and indicator = $3`, u.ID, p.ID, in.ID); got != len(m.open)+m.gone {
					t.Fatalf("%s has had %d rivals, the model %d", c, got, len(m.open)+m.gone)
				}
				if m.version > 0 {
					if got := s.own("P01", code, c); got != fmt.Sprint(m.value) {
						t.Fatalf("%s holds %s, the model %d", c, got, m.value)
					}
				}
			}
		})
		s.verified()
	})
}
