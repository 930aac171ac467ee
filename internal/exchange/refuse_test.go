package exchange_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/report"
)

// refused demands that a file is refused in words, and that nothing is written.
func (s *site) refused(who auth.Actor, file []byte, says string) {
	s.t.Helper()
	p, err := s.intake.Preview(ctx, who, intake.File{Name: "goi.goi", Data: file}, intake.Options{})
	text := ""
	if err != nil {
		if fault.All(err) == nil {
			s.t.Fatalf("an error that is no fault: %v", err)
		}
		text = fault.Text(err)
	} else {
		for _, x := range p.Problems {
			text += x.Address + ": " + x.Text + "\n"
		}
		for _, l := range p.Rows {
			text += l.At + ": " + l.Text + "\n"
		}
		if _, err := s.intake.Apply(ctx, who, p.ID, intake.Consent{SkipRefused: p.Kind == intake.Signed}); err == nil {
			s.t.Errorf("%q: it came in", says)
		}
	}
	if !strings.Contains(text, says) {
		s.t.Errorf("says %q, want %q", text, says)
	}
}

// signedWith changes the content of a package and signs it again, as a hostile or broken sender might.
func signedWith(key ed25519.PrivateKey, file []byte, change ...string) []byte {
	content := strings.Split(string(file), "\n")[1]
	for i := 0; i < len(change); i += 2 {
		content = strings.Replace(content, change[i], change[i+1], 1)
	}
	text := "giaoban-package 1\n" + content + "\n"
	return []byte(text + base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text))) + "\n")
}

func TestAPackageThatIsNotWholeOrNotTheirsIsRefusedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		first, _ := low.pack(office)
		lines := strings.Split(string(first), "\n")
		zipped := func(names ...string) []byte {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			for _, n := range names {
				w, err := z.Create(n)
				up.must(err)
				_, err = w.Write(first)
				up.must(err)
			}
			up.must(z.Close())
			return b.Bytes()
		}
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
		public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
		own := lines[1][strings.Index(lines[1], `"key":"`)+7:]
		own = own[:strings.IndexByte(own, '"')]
		up.must(up.exchange.Trust(ctx, province, exchange.NewKey{Name: "Thị xã Khác", Unit: "TY", Fingerprint: exchange.Fingerprint(key.Public().(ed25519.PublicKey))}))
		for _, c := range []struct {
			file []byte
			says string
		}{
			{first[:len(first)/2], "bị cắt cụt"},
			{[]byte(lines[0] + "\n" + lines[1] + "\n"), "bị cắt cụt"},
			{first[:len(first)-20], "chữ ký bị cắt cụt"},
			{append(bytes.Clone(first), "thêm\n"...), "dòng thừa"},
			{bytes.Replace(first, []byte("20000000000"), []byte("20000000001"), 1), "chữ ký không khớp"},
			{bytes.Replace(first, []byte("package 1"), []byte("package 9"), 1), "định dạng “9”"},
			{bytes.Replace(first, []byte(`"head"`), []byte(`"heat"`), 1), "nội dung không đọc được"},
			{[]byte("giaoban-package 1\n" + strings.Repeat("[", 100_000) + "\n" + lines[2] + "\n"), "nội dung không đọc được"},
			{signedWith(key, first, own, public), "chỉ được gửi số liệu của đơn vị mã TY"},
			{signedWith(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)), first, own, base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)).Public().(ed25519.PublicKey))), "chưa tin khóa"},
			{signedWith(key, first, own, public, `"figures":[`, ` "figures":[`), "dạng chuẩn"},
			{signedWith(key, first, own, public, `"serial":1`, `"serial":1,"serial":1`), "dạng chuẩn"},
			{signedWith(key, first, own, public, `"layer":"approved"`, `"layer":"submitted"`), "số liệu đã duyệt"},
			{signedWith(key, first, own, public, `"value":"16"`, `"value":"1e3"`), "có số liệu không đúng"},
			{signedWith(key, first, own, public, `"serial":1`, `"serial":0`), "số thứ tự"},
			{bytes.Repeat([]byte("giaoban-package 1\n"), 3<<20), "lớn hơn 25 MB"},
			{zipped("goi.goi"), "gửi riêng từng gói"},
			{zipped("goi.goi", "goi2.goi"), "gửi riêng từng gói"},
		} {
			up.refused(province, c.file, c.says)
		}
		low.refused(office, first, "do chính trang này lập")
		// With other ends of lines and a mark before it, it is the same package.
		if p := up.receive(province, []byte("\ufeff"+strings.ReplaceAll(string(first), "\n", "\r\n"))); p.Counts.New != 6 {
			t.Errorf("CRLF: %+v", p.Counts)
		}
		// Whoever does not answer for the whole place, or administers only, does not take it.
		ward := up.officer("phuong", "P01", auth.Consolidate)
		up.refused(ward, first, "chỉ văn phòng phụ trách cả địa bàn")
		up.refused(up.officer("nhap", "TINH"), first, "Chỉ văn phòng tổng hợp")
		if _, _, err := low.exchange.Make(ctx, low.officer("phuong", "P01", auth.Consolidate), "TX", quarter); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward's office packs the town: %v", err)
		}
		for _, who := range []auth.Actor{ward, up.officer("quan-tri-phuong", "P01", auth.Admin)} {
			if err := up.exchange.Trust(ctx, who, exchange.NewKey{Name: "x", Unit: "P01", Fingerprint: strings.Repeat("1", 40)}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s trusts a key: %v", who.Person, err)
			}
			if _, err := up.exchange.Keys(ctx, who); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s lists the keys: %v", who.Person, err)
			}
		}
		if got := up.sums("TINH", figure.Submitted); len(got) != 0 {
			t.Errorf("something was written: %v", got)
		}

		// A revoked key, between the preview and the writing.
		plan := up.receive(province, first)
		keys, err := up.exchange.Keys(ctx, province)
		up.must(err)
		for _, k := range keys {
			if k.UnitCode == "TX" {
				up.must(up.exchange.Revoke(ctx, province, k.ID, k.Version, "máy bị mất"))
			}
		}
		if _, err := up.intake.Apply(ctx, province, plan.ID, intake.Consent{}); !strings.Contains(fault.Text(err), "đã bị thu hồi") {
			t.Errorf("a revoked key: %v", err)
		}
		up.refused(province, first, "đã bị thu hồi")
		if err := up.exchange.Trust(ctx, province, exchange.NewKey{Name: "x", Unit: "TX", Fingerprint: low.fingerprint()}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a revoked key is trusted again: %v", err)
		}
	})
}

func TestWhatIsUnknownIsListedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		up.must(up.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update unit set code = 'P1-PN' where code = 'P01.PN'`)
			return err
		}))
		model, _ := low.cell("DG01")
		for s, x := range map[*site]string{low: "DGX", up: "DGY"} {
			_, err := s.indicators.Add(ctx, system, indicator.Indicator{Code: x, Name: "Tiền góp làm đường", Topic: "DG", Unit: model.Unit, Measure: model.Measure, Across: model.Across})
			s.must(err)
			s.catalog, err = s.indicators.Catalog(ctx)
			s.must(err)
		}
		low.give(system, [3]string{"P01.PN", "DGX", "5 triệu đồng"})
		low.accept("P01.PN")
		first, _ := low.pack(office)
		up.refused(province, first, "Ở đây chưa có đơn vị mã P01.PN (Phụ nữ phường Một)")
		up.refused(province, first, "Ở đây không có chỉ tiêu hoặc thành phần mã DGX")
		// A table of codes goes with the key.
		up.table("thi-xa", "", "đơn vị | P01.PN | P1-PN\nchỉ tiêu | DGX | DGY\n")
		keys, err := up.exchange.Keys(ctx, province)
		up.must(err)
		up.must(up.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update exchange_key set scheme = 'thi-xa' where id = $1`, keys[0].ID)
			return err
		}))
		if a := up.takeIn(province, first); a.Differences != 0 || a.Plan.Counts.New != 7 {
			t.Errorf("with the table: %+v %+v", a.Plan.Counts, a.Lines)
		}
	})
}

func TestAClosedPeriodAndAReportThatIsHandedInKeepAPackageOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		first, _ := low.pack(office)
		up.give(system, [3]string{"P01.PN", "HV01", "1"})
		r, err := up.reports.Submit(ctx, system, "P01.PN", quarter, 0, report.Sending{})
		up.must(err)
		plan := up.receive(province, first)
		if plan.Counts.Refused != 3 || !strings.Contains(plan.Rows[len(plan.Rows)-1].Text+plan.Rows[1].Text, "đã gửi và đang chờ duyệt") {
			t.Errorf("a report that is handed in: %+v %+v", plan.Counts, plan.Rows)
		}
		if _, err := up.intake.Apply(ctx, province, plan.ID, intake.Consent{SkipRefused: true, Choices: map[string]int{exchange.AskExtra: 0}}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("half a package: %v", err)
		}
		_, err = up.reports.Recall(ctx, system, "P01.PN", quarter, r.Version)
		up.must(err)
		p := up.period(quarter)
		up.must(up.periods.Close(ctx, system, p.Code, p.Version, "chốt quý"))
		up.refused(province, first, "đã khoá sổ")
		p = up.period(quarter)
		up.must(up.periods.Reopen(ctx, system, p.Code, p.Version, "còn gói"))
		if a := up.takeIn(province, first, exchange.AskExtra); a.Differences != 1 {
			t.Errorf("own figures beside the package: %+v", a.Lines)
		}
		up.verify()
	})
}

func TestWhatPeopleAboveHaveTypedIsKeptBesideAndNeverCountedTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		// By fax: one figure the same, one otherwise, and the town's whole total on the town itself.
		up.give(system, [3]string{"P01.PN", "AS07", "16"}, [3]string{"P02.PN", "DG01", "4 tỷ đồng"}, [3]string{"TX", "AS07", "16"})
		first, _ := low.pack(office)
		plan := up.receive(province, first)
		if plan.Counts.Rival != 1 || plan.Counts.Equal != 1 || plan.Counts.New != 4 || plan.Counts.Question != 1 {
			t.Fatalf("%+v %+v", plan.Counts, plan.Rows)
		}
		if _, err := up.intake.Apply(ctx, province, plan.ID, intake.Consent{}); !fault.Is(err, fault.KindRefused) || !strings.Contains(fault.Text(err), "tính hai lần") {
			t.Errorf("a total that would count twice: %v", err)
		}
		a := up.takeIn(province, first, exchange.AskExtra)
		if got := up.text(figure.Submitted, "P02.PN", "DG01"); got != "4.000.000.000" {
			t.Errorf("what was typed here is now %q", got)
		}
		if a.Differences == 0 {
			t.Errorf("no difference is said: %+v", a.Lines)
		}
		_, _, rivals, err := up.figures.Rivals(ctx, province, "P02.PN", quarter)
		up.must(err)
		if len(rivals) != 1 || rivals[0].Quantity.Value != 3_000_000_000 || !strings.Contains(rivals[0].Reason, "TX") {
			t.Fatalf("beside the cell: %+v", rivals)
		}
		// The next package with the same value replaces what waits, and does not pile up.
		low.give(system, [3]string{"P01.PN", "HV01", "3"})
		low.accept("P01.PN")
		second, _ := low.pack(office)
		up.takeIn(province, second, exchange.AskExtra)
		if _, _, rivals, err = up.figures.Rivals(ctx, province, "P02.PN", quarter); err != nil || len(rivals) != 1 {
			t.Errorf("after the second: %+v %v", rivals, err)
		}
		// People choose the package's value and empty what counted twice: then the totals agree, and the next correction goes through.
		up.must(up.figures.Choose(ctx, province, "P02.PN", quarter, rivals[0].ID, true, rivals[0].Standing.Version, "theo gói"))
		up.give(system, [3]string{"TX", "AS07", "-"})
		list, err := up.exchange.Arrivals(ctx, province, 10)
		up.must(err)
		open, err := up.exchange.Settle(ctx, province, list[0].Received.Plan)
		up.must(err)
		if open != 0 {
			t.Errorf("%d units still differ", open)
		}
		sameSums(t, low, up)
		low.give(system, [3]string{"P02.PN", "DG01", "5 tỷ đồng"})
		low.accept("P02.PN")
		third, _ := low.pack(office)
		if a := up.takeIn(province, third); a.Plan.Counts.Rival != 0 || a.Differences != 0 {
			t.Errorf("after the choice: %+v", a.Plan.Counts)
		}
		sameSums(t, low, up)
	})
}

func TestAnOlderPackageAGapAndABrokenChainAreSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		var files [][]byte
		for i, text := range []string{"1", "2", "3", "4"} {
			low.give(system, [3]string{"P01.PN", "HV01", text})
			low.accept("P01.PN")
			file, sent := low.pack(office)
			if sent.Serial != i+1 {
				t.Fatalf("serial %d", sent.Serial)
			}
			files = append(files, file)
		}
		a := up.takeIn(province, files[1])
		if len(a.Plan.Notes) != 1 || !strings.Contains(a.Plan.Notes[0].Text, "Chưa nhận gói số 1") {
			t.Errorf("a gap before the first: %+v", a.Plan.Notes)
		}
		up.refused(province, files[0], "cũ hơn gói số 2")
		a = up.takeIn(province, files[3])
		if len(a.Plan.Notes) != 1 || !strings.Contains(a.Plan.Notes[0].Text, "Chưa nhận gói số 3") || a.Differences != 0 {
			t.Errorf("a gap: %+v", a.Plan.Notes)
		}
		up.refused(province, files[2], "cũ hơn gói số 4")
		sameSums(t, low, up)
		// Undoing goes from the last back.
		list, err := up.exchange.Arrivals(ctx, province, 10)
		up.must(err)
		for _, r := range list {
			if r.Received.Serial == 2 {
				if err := up.intake.Undo(ctx, province, r.Received.Plan, "thử"); !fault.Is(err, fault.KindRefused) {
					t.Errorf("an undo in the middle: %v", err)
				}
			}
		}
		// The sender restores an old copy and goes on: the same serial says something else, then the chain does not join.
		low.must(low.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `delete from exchange_sent where serial = 4`)
			return err
		}))
		low.give(system, [3]string{"P01.PN", "HV01", "40"})
		low.accept("P01.PN")
		other, _ := low.pack(office)
		up.refused(province, other, "Hai gói khác nhau không thể cùng số")
		low.give(system, [3]string{"P01.PN", "HV01", "50"})
		low.accept("P01.PN")
		fifth, _ := low.pack(office)
		up.refused(province, fifth, "Chuỗi gói bị đứt")
		if a := up.takeIn(province, fifth, exchange.AskChain); a.Differences != 0 {
			t.Errorf("with consent: %+v", a.Lines)
		}
		sameSums(t, low, up)
	})
}

func TestOverlapsGoAlongAndEndWithTheirPackage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		in, _ := low.cell("DG01")
		p := low.period(quarter)
		low.must(low.figures.SetOverlap(ctx, system, p, figure.Overlap{Cell: figure.Cell{Unit: low.unit("P02.PN").ID, Period: p.ID, Indicator: in.ID}, Other: low.unit("P01.PN").ID,
			Amount: 1_000_000_000, Known: true, Reason: "cùng một công trình"}))
		first, _ := low.pack(office)
		one := up.takeIn(province, first)
		if one.Differences != 0 || one.Plan.Counts.New != 7 {
			t.Fatalf("%+v %+v", one.Plan.Counts, one.Lines)
		}
		sameSums(t, low, up)
		var id string
		low.must(low.db.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select id from figure_overlap`).Scan(&id) }))
		low.must(low.figures.EndOverlap(ctx, system, id, "không trùng"))
		second, _ := low.pack(office)
		two := up.takeIn(province, second)
		if two.Differences != 0 {
			t.Errorf("the overlap has ended below: %+v", two.Lines)
		}
		sameSums(t, low, up)
		up.must(up.intake.Undo(ctx, province, two.Plan.ID, "thử"))
		if got := up.sums("TX", figure.Approved)["DG01"].Sum; got != 22_000_000_000 {
			t.Errorf("after the undo the total is %d", got)
		}
		up.verify()
		up.must(up.intake.Undo(ctx, province, one.Plan.ID, "thử"))
		if got := up.sums("TX", figure.Approved); len(got) != 0 {
			t.Errorf("after both undos: %v", got)
		}
		up.verify()
	})
}
