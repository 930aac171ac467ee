package door

import (
	"context"
	"slices"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web/webtest"
)

// bare is a site without units and people, with the code of its console.
func bare(t *testing.T, d *db.DB) (*Service, string) {
	t.Helper()
	s := empty(t, d)
	return s, setupCode(t, s)
}

func setupCode(t *testing.T, s *Service) string {
	t.Helper()
	code, err := s.SetupCode(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestTheFirstPersonEntersWithTheCodeOfTheConsoleAndThePageIsGone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, old := bare(t, d)
		code := setupCode(t, s)
		c := webtest.At(t, open(t, s, false))
		c.Get("/dang-nhap").Is(303).Follow().OK().Has("Mã cài đặt", "Tên địa phương") // nobody could sign in there
		form := []string{"code", old, "place", "Phường Bình An", "place_code", "binhan", "level", "xa", "login", "quantri", "name", "Nguyễn Văn Mẫu", "password", good}
		c.PostForm("/cai-dat", form...).Is(422).Has("Mã cài đặt không đúng.").Lacks(good)
		form[1] = " " + code[:4] + code[5:] + " " // a dash is left out
		c.PostForm("/cai-dat", append(form, "office", "1")...).Follow().OK().Has("Trang đã sẵn sàng.", "Nguyễn Văn Mẫu", "Phường Bình An")

		visitor := webtest.At(t, c.Base())
		visitor.Get("/cai-dat").Is(404)
		visitor.Get("/dang-nhap").OK().Has("Tên đăng nhập")
		visitor.PostForm("/cai-dat", form...).Is(404)
		if again := setupCode(t, s); again != "" {
			t.Error("a site with a person prints a code")
		}
		visitor.PostForm("/dang-nhap", "login", "quantri", "password", good).Is(303)
		people, err := s.people.List(context.Background(), auth.System())
		if err != nil || len(people) != 1 {
			t.Fatalf("people: %+v, %v", people, err)
		}
		if a := actor(t, s, people[0].ID); !a.Has(auth.Admin) || !a.Has(auth.EditUnits) {
			t.Errorf("the first person holds %+v", a.Grants)
		}
	})
}

func TestASiteWithItsPlaceAsksForNoneAndAnAdministratorAloneSeesNoContent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		code := setupCode(t, s)
		c := webtest.At(t, open(t, s, false))
		c.Get("/cai-dat").OK().LacksElement("[name=place]")
		c.PostForm("/cai-dat", "code", code, "login", "quantri", "name", "Nguyễn Văn Mẫu", "password", good).Is(303)
		people, err := s.people.List(context.Background(), auth.System())
		if err != nil || len(people) != 1 || len(people[0].Grants) != 1 {
			t.Fatalf("people: %+v, %v", people, err)
		}
		if a := actor(t, s, people[0].ID); !slices.Equal(a.Units(auth.Admin), []int64{unitID(t, s, town)}) || a.Has(auth.View) {
			t.Errorf("the administrator holds %+v", a.Grants)
		}
	})
}

func TestSetUpCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	s, code := bare(t, dbtest.Open(t, db.SQLite))
	c := webtest.At(t, open(t, s, false))
	form := []string{"code", "x", "place", "Phường Bình An", "place_code", "BINHAN", "level", "xa", "login", "quantri", "name", "Nguyễn Văn Mẫu", "password", good}
	c.PostForm("/cai-dat", "code", code).Is(422).Has("Hãy nhập tên địa phương.", "Hãy chọn cấp của địa phương.")
	for range triesPerPair {
		c.PostForm("/cai-dat", form...).Is(422)
	}
	form[1] = code
	c.PostForm("/cai-dat", form...).Is(429)
	s.clock.Advance((windowMinutes + 1) * time.Minute)
	c.PostForm("/cai-dat", form...).Is(303)
}
