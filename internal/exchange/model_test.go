package exchange_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/intake"
	"giaoban/internal/period"
)

// TestWhateverTheOrderThePackagesGiveTheirTotals: random corrections below, packages that come late, twice and out of order, undone and
// sent again. What is accepted is always the figures of the newest package that stands, once; every total equals its recompute.
func TestWhateverTheOrderThePackagesGiveTheirTotals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			if run++; run > runs(low) {
				return // a run is several dozen transactions on two sites
			}
			code := fmt.Sprintf("%d-Q%d", 2030+run/4, 1+run%4)
			low.quarter, up.quarter = code, code
			for _, s := range []*site{low, up} {
				s.must(s.db.Write(ctx, func(tx *db.Tx) error { _, err := period.Ensure(ctx, tx, code); return err }))
			}
			walk(rt, low, up, office, province)
		})
		low.verify()
		up.verify()
	})
}

func runs(s *site) int {
	if s.db.Engine() == db.Postgres {
		return 4
	}
	return 12
}

func walk(rt *rapid.T, low, up *site, office, province auth.Actor) {
	type file struct {
		data   []byte
		serial int
		sums   map[string]figure.Sum
	}
	var files []file
	var stack []int // serials that stand above, the latest last
	plans := map[int]string{}
	for range rapid.IntRange(3, 9).Draw(rt, "steps") {
		switch act := rapid.IntRange(0, 9).Draw(rt, "act"); {
		case act < 4 || len(files) == 0:
			unit := rapid.SampledFrom([]string{"P01.PN", "P02.PN", "TX.MT"}).Draw(rt, "unit")
			cell := rapid.SampledFrom([]string{"DG01", "HV01", "DG05", "AS07.SUA"}).Draw(rt, "cell")
			text := rapid.SampledFrom([]string{"1", "20", "trên 30", "0", "gần 7", "hàng trăm"}).Draw(rt, "text")
			if len(files) > 0 && rapid.IntRange(0, 4).Draw(rt, "emptied") == 0 {
				text = "-"
			}
			low.give(system, [3]string{unit, cell, text}, [3]string{unit, "MH01", fmt.Sprint(1 + rapid.IntRange(0, 50).Draw(rt, "always"))})
			if err := low.tryAccept(unit); err != nil && !fault.Is(err, fault.KindRefused) {
				rt.Fatal(err) // refused: nothing has changed
			}
			data, sent := low.pack(office)
			if len(files) == 0 || files[len(files)-1].serial != sent.Serial {
				files = append(files, file{data, sent.Serial, low.sums("TX", figure.Approved)})
			}
		case act == 9 && len(stack) > 0:
			last := stack[len(stack)-1]
			up.must(up.intake.Undo(ctx, province, plans[last], "thử"))
			stack = stack[:len(stack)-1]
		default:
			f := files[rapid.IntRange(0, len(files)-1).Draw(rt, "which")]
			latest := 0
			if len(stack) > 0 {
				latest = stack[len(stack)-1]
			}
			stands := false
			for _, s := range stack {
				stands = stands || s == f.serial
			}
			plan, err := up.intake.Preview(ctx, province, intake.File{Name: "goi", Data: f.data}, intake.Options{})
			switch {
			case stands:
				if err != nil || len(plan.Rows) != 0 {
					rt.Fatalf("the same again: %+v %v", plan.Rows, err)
				}
			case f.serial < latest:
				if !fault.Is(err, fault.KindRefused) || !strings.Contains(fault.Text(err), "cũ hơn") {
					rt.Fatalf("an older one: %v", err)
				}
			default:
				if err != nil {
					rt.Fatal(err)
				}
				if _, err := up.intake.Apply(ctx, province, plan.ID, intake.Consent{}); err != nil {
					rt.Fatalf("package %d after %v: %v %+v", f.serial, stack, err, plan.Rows)
				}
				stack, plans[f.serial] = append(stack, f.serial), plan.ID
			}
		}
		want := map[string]figure.Sum{}
		for _, f := range files {
			if len(stack) > 0 && f.serial == stack[len(stack)-1] {
				want = f.sums
			}
		}
		for _, layer := range []figure.Layer{figure.Submitted, figure.Approved} {
			got := up.sums("TINH", layer)
			if len(got) != len(want) {
				rt.Fatalf("layer %d, standing %v: %v, want %v", layer, stack, got, want)
			}
			for code, sum := range want {
				if got[code] != sum {
					rt.Fatalf("layer %d, standing %v: %s is %+v, want %+v", layer, stack, code, got[code], sum)
				}
			}
		}
	}
}

// TestAPackageOfTheFirstFormatIsReadForGood: testdata/first.goi was made when the format was.
func TestAPackageOfTheFirstFormatIsReadForGood(t *testing.T) {
	t.Parallel()
	p, err := exchange.Open(public(t, "first.goi"))
	if err != nil || p.Head.Serial != 1 || p.Body.Unit != "P01.PN" || len(p.Body.Figures) != 13 || len(p.Fingerprint) != 40 {
		t.Errorf("%+v %v", p.Head, err)
	}
}

// FuzzPackage: whatever the bytes, a file is refused in words or is the package that was signed.
func FuzzPackage(f *testing.F) {
	first := public(f, "first.goi")
	f.Add(first)
	f.Add(first[:len(first)-30])
	f.Add([]byte("giaoban-package 1\n{}\n\n"))
	f.Add([]byte("giaoban-package 2\n"))
	f.Add([]byte("giaoban-package 1\r\n{\"head\":{\"key\":\"AAAA\"}}\r\nAAAA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := exchange.Open(data)
		if err != nil && fault.All(err) == nil {
			t.Fatalf("an error that is no fault: %v", err)
		}
		if err == nil && strings.Split(string(data), "\n")[1] != strings.Split(string(first), "\n")[1] && !strings.Contains(string(data), "\r") {
			t.Fatalf("another package with a good signature: %q", data)
		}
	})
}

// FuzzPackageContent signs whatever it is given: a sender who is trusted may still write nonsense, which is refused in words or has one
// reading.
func FuzzPackageContent(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	content := strings.Split(string(public(f, "first.goi")), "\n")[1]
	from := strings.Index(content, `"key":"`) + 7
	content = content[:from] + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) + content[from+44:]
	for _, s := range []string{content, strings.Replace(content, `"qualifier":"exact"`, `"qualifier":"range","raw":"1 - 2"`, 1), strings.Replace(content, `"decimals":0`, `"decimals":7`, 1),
		strings.Replace(content, `"figures":[`, `"figures":[null,`, 1), strings.Replace(content, `"units":`, `"units":null,"x":`, 1), strings.Replace(content, `"value":"`, `"value":"-`, 1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if strings.ContainsAny(content, "\r\n") {
			return
		}
		p, err := exchange.Open(signedWith(key, []byte("\n"+content+"\n")))
		if err == nil && (p.Body.Unit == "" || p.Hash == "") || err != nil && fault.All(err) == nil {
			t.Fatalf("%q: %+v %v", content, p, err)
		}
	})
}

// FuzzCodes: whatever stands in a table of codes, it is refused in words or kept.
func FuzzCodes(f *testing.F) {
	s := newSite(f, dbtest.Open(f, db.SQLite))
	for _, text := range []string{demoCodes, "chỉ tiêu | VCCT_0 | GENDER=FMLE;AGE=0-14 | AS07.SUA", "phân tổ\tbRowv6yZOF2\t*", "kỳ | 2020April | 2020", "đơn vị | | P01", "a|b|c|d|e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s.t = t
		err := s.exchange.Put(ctx, system, exchange.Scheme{Code: "bang", Name: "Bảng"}, text)
		if err != nil && fault.All(err) == nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil {
			x, err := s.exchange.Find(ctx, system, "bang")
			s.must(err)
			if len(x.Codes) > strings.Count(text, "\n")+1 {
				t.Fatalf("%q gives %d codes", text, len(x.Codes))
			}
			s.must(s.db.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `delete from exchange_code`); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `delete from exchange_scheme`)
				return err
			}))
		}
	})
}
