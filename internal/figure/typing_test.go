package figure_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
	"giaoban/internal/web/webtest"
)

// answer is what a browser's script reads.
type answer struct {
	Status                                              int `json:"-"`
	State, Message, Text, Reading, Number, Chooser, Ref string
	Version                                             int
	Readings                                            []struct{ Type, Text string }
	Theirs                                              *struct {
		Text, Reading, Who, When string
		Version                  int
	}
	Flags []struct{ Cell, Text string }
}

// send posts a cell as the script does.
func send(t *testing.T, c *webtest.Client, path string, pairs ...string) (a answer) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Base()+path+"/o", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "application/json")
	page := c.Do(r)
	if err := json.Unmarshal(page.Body, &a); err != nil {
		t.Fatalf("%s answered %d, not JSON: %s", path, page.Status, page.Body)
	}
	a.Status = page.Status
	if cc := page.Header.Get("Cache-Control"); !strings.Contains(cc, "no-store") {
		t.Errorf("the answer may be kept: %q", cc)
	}
	return a
}

func act(n int) string { return fmt.Sprintf("mot-lan-ghi-%08d", n) }

func TestACellSavedByItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.period("2019-Q3")
		stage := s.stage()
		one := stage.As(t, s.person("mot", "P01", auth.View, auth.Enter))
		two := stage.As(t, s.person("hai", "P01", auth.View, auth.Enter))
		const path = "/so-lieu/P01/2019-q3"
		n := 0
		next := func() string { n++; return act(n) }
		versions := func() (count int) {
			if err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from figure where layer = 1`).Scan(&count)
			}); err != nil {
				t.Fatal(err)
			}
			return count
		}

		t.Run("what people write is saved and its reading answered", func(t *testing.T) {
			a := send(t, one, path, "id", next(), "o", "DG01", "v", "1,5 tỷ", "e", "0")
			if a.Status != 200 || a.State != "saved" || a.Version != 1 || a.Text != "1,5 tỷ" || a.Reading != "1.500.000.000 đồng" || a.Number != "1500000000" {
				t.Errorf("answered %+v", a)
			}
		})
		t.Run("the same act sent again has no second effect and the same answer", func(t *testing.T) {
			before := versions()
			first := send(t, one, path, "id", act(1), "o", "DG01", "v", "1,5 tỷ", "e", "0")
			if first.State != "saved" || first.Version != 1 || versions() != before {
				t.Errorf("answered %+v; %d versions, had %d", first, versions(), before)
			}
			if a := send(t, one, path, "id", act(1), "o", "DG01", "v", "9", "e", "1"); a.State != "refused" || versions() != before {
				t.Errorf("an id stood for two acts: %+v", a)
			}
			if a := send(t, two, path, "id", act(1), "o", "DG01", "v", "1,5 tỷ", "e", "0"); a.State == "saved" {
				t.Errorf("another person's id was answered: %+v", a)
			}
		})
		t.Run("two readings are asked about, and the chosen one is saved", func(t *testing.T) {
			a := send(t, one, path, "id", next(), "o", "DG04", "v", "1.400", "e", "0")
			if a.Status != http.StatusUnprocessableEntity || a.State != "asked" || len(a.Readings) < 2 {
				t.Fatalf("answered %+v", a)
			}
			if b := send(t, one, path, "id", next(), "o", "DG04", "v", "1.400", "c", a.Readings[0].Type, "e", "0"); b.State != "saved" {
				t.Errorf("answered %+v", b)
			}
		})
		t.Run("what cannot be read is refused in words", func(t *testing.T) {
			a := send(t, one, path, "id", next(), "o", "TT01", "v", "hai mươi lăm con gà", "e", "0")
			if a.Status != http.StatusUnprocessableEntity || a.State != "refused" || a.Message == "" {
				t.Errorf("answered %+v", a)
			}
		})
		t.Run("of two people in one cell both values are kept, and one is chosen", func(t *testing.T) {
			if a := send(t, one, path, "id", next(), "o", "TT02", "v", "100", "e", "0"); a.State != "saved" {
				t.Fatalf("answered %+v", a)
			}
			late := next()
			for range 2 {
				a := send(t, two, path, "id", late, "o", "TT02", "v", "250", "e", "0")
				if a.Status != http.StatusConflict || a.State != "conflict" || a.Theirs == nil || a.Theirs.Text != "100" || a.Theirs.Who != "Cán bộ mot" || a.Theirs.When == "" || a.Chooser != path+"/chon" {
					t.Fatalf("answered %+v", a)
				}
			}
			page := two.Get(path+"/chon").OK().Has("100 lượt người", "250 lượt người", "Cán bộ mot", "Cán bộ hai")
			if page.Find(".rivals").Length() != 1 {
				t.Error("an act that was sent twice stands twice")
			}
			action, _ := page.Find(`.rivals form`).First().Attr("action")
			two.PostForm(action, "chon", "sau", "e", "7").Is(http.StatusConflict).Has("vừa thay đổi")
			two.PostForm(action, "chon", "sau", "e", "1", "ly-do", "Đếm lại").Follow().OK().LacksElement(".rivals")
			if got := s.own("P01", "2019-Q3", "TT02"); got != "250" {
				t.Errorf("the chosen value is not saved: %q", got)
			}
			one.PostForm(action, "chon", "truoc", "e", "2").Is(http.StatusConflict).Has("đã có người chọn")
			one.Get("/so/P01/2019-q3/TT02?rieng=1").OK().Has("Chọn giữa hai giá trị của một ô: Đếm lại")
		})
		t.Run("who types the cell again on what stands has settled it", func(t *testing.T) {
			send(t, two, path, "id", next(), "o", "TT02", "v", "300", "e", "1")
			if a := send(t, two, path, "id", next(), "o", "TT02", "v", "310", "e", "2"); a.State != "saved" || a.Version != 3 {
				t.Fatalf("answered %+v", a)
			}
			one.Get(path + "/chon").OK().Has("Không có ô nào chờ chọn")
		})
		t.Run("the form without scripts leads to the same chooser, and saves the rest", func(t *testing.T) {
			p := two.PostForm(path, "v-TT02", "777", "o-TT02", "250", "e-TT02", "2", "v-DG02", "5", "o-DG02", "", "e-DG02", "0")
			if p.Location() != path+"/chon" {
				t.Fatalf("led to %q", p.Location())
			}
			p.Follow().OK().Has("Đã lưu 1 ô", "777 lượt người", "310 lượt người")
			two.Get(path).OK().Has("1 ô có hai giá trị")
		})
		t.Run("contradictions of the indicator come with the answer", func(t *testing.T) {
			send(t, one, path, "id", next(), "o", "HV01", "v", "5", "e", "0")
			a := send(t, one, path, "id", next(), "o", "HV01.DTTS", "v", "9", "e", "0")
			if len(a.Flags) == 0 || a.Flags[0].Cell != "HV01.DTTS" {
				t.Errorf("answered %+v", a)
			}
		})
		s.verified()
	})
}

func TestNoRightNoCell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.period("2019-Q3")
		stage := s.stage()
		mine := stage.As(t, s.person("mot", "P01", auth.View, auth.Enter))
		reader := stage.As(t, s.person("xem", "P02", auth.View))
		const path = "/so-lieu/P02/2019-q3"
		for name, c := range map[string]*webtest.Client{"of a sibling ward": mine, "who may only read": reader} {
			if a := send(t, c, path, "id", act(1), "o", "DG01", "v", "5", "e", "0"); a.Status != http.StatusNotFound || a.State != "gone" {
				t.Errorf("somebody %s was answered %+v", name, a)
			}
			c.PostForm(path+"/chon/khong-co", "chon", "sau", "e", "1").Is(http.StatusNotFound)
		}
		mine.Get(path + "/chon").Is(http.StatusNotFound)
		visitor := webtest.At(t, stage.URL)
		if a := send(t, visitor, path, "id", act(2), "o", "DG01", "v", "5", "e", "0"); a.Status != http.StatusUnauthorized || a.State != "signed-out" || a.Message == "" {
			t.Errorf("whose session has ended was answered %+v", a)
		}
		if a := send(t, mine, "/so-lieu/P01/2019-q3", "id", act(3), "o", "KHONG", "v", "5", "e", "0"); a.Status != http.StatusNotFound {
			t.Errorf("a cell that is not there was answered %+v", a)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update period set state = 'closed' where code = '2019-Q3'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if a := send(t, mine, "/so-lieu/P01/2019-q3", "id", act(4), "o", "DG01", "v", "5", "e", "0"); a.Status != http.StatusConflict || a.State != "shut" || !strings.Contains(a.Message, "khoá sổ") {
			t.Errorf("a closed period answered %+v", a)
		}
	})
}

func TestManyPeopleInOneCellLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.period("2019-Q3")
		var people []auth.Actor
		for i := range 6 {
			people = append(people, s.person(fmt.Sprintf("n%d", i), "P01", auth.View, auth.Enter))
		}
		answers := make([]figure.Answer, len(people))
		var all sync.WaitGroup
		for i, who := range people {
			all.Go(func() {
				for range 2 { // the answer was lost once
					var err error
					if answers[i], err = s.figures.Type(ctx, who, "P01", "2019-Q3", figure.Typing{ID: act(i), Cell: "TT01", Text: fmt.Sprint(100 + i), Expect: 0}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		saved := 0
		for _, a := range answers {
			if a.Saved {
				saved++
			}
		}
		_, _, rivals, err := s.figures.Rivals(ctx, people[0], "P01", "2019-Q3")
		if err != nil || saved != 1 || len(rivals) != len(people)-1 {
			t.Errorf("%d saved, %d kept beside, want 1 and %d (%v)", saved, len(rivals), len(people)-1, err)
		}
		s.verified()
	})
}
