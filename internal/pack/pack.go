// Package pack writes a quarter's documents as files: the consolidated report, the invitation, the minutes, the notice of
// conclusion, the task list and the news item, each in the layout of its day. It refuses to write what does not exist: a
// document whose act has not happened is named as missing, never made up.
package pack

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// File is one document of the pack.
type File struct {
	Name string
	Data []byte
}

// Pack is a quarter's documents, and why others are not in it yet.
type Pack struct {
	Unit, Period string
	Files        []File
	Missing      []string // in the user's words
}

// Service is the house's verbs.
type Service struct {
	reports   *report.Service
	briefings *briefing.Service
	articles  *article.Service
	clock     *clock.Clock
}

// New makes the house.
func New(c *clock.Clock, reports *report.Service, briefings *briefing.Service, articles *article.Service) *Service {
	return &Service{reports: reports, briefings: briefings, articles: articles, clock: c}
}

// Make gathers the documents of a place's period.
func (s *Service) Make(ctx context.Context, who auth.Actor, unitCode string, p period.Period) (Pack, error) {
	out := Pack{Unit: unitCode, Period: p.Code}
	if err := who.Must(auth.View); err != nil {
		return out, err
	}
	for _, step := range []func(context.Context, auth.Actor, *Pack) error{s.report, s.briefing, s.article} {
		if err := step(ctx, who, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (p *Pack) add(name string, data []byte) { p.Files = append(p.Files, File{name, data}) }

func (p *Pack) lack(text string) { p.Missing = append(p.Missing, text) }

func (s *Service) report(ctx context.Context, who auth.Actor, out *Pack) error {
	r, err := s.reports.Issued(ctx, who, out.Unit, out.Period)
	if fault.Is(err, fault.KindNotFound) {
		if r, err = s.reports.Find(ctx, who, out.Unit, out.Period, report.KindConsolidated); err == nil && r.ID != "" {
			out.lack("Báo cáo tổng hợp chưa chốt: tệp trong hồ sơ là bản đang soạn.")
		}
	}
	if fault.Is(err, fault.KindNotFound) || err == nil && r.ID == "" {
		out.lack("Chưa có báo cáo tổng hợp của kỳ.")
		return nil
	}
	if err != nil {
		return err
	}
	for _, format := range []string{"docx", "pdf", "xlsx"} {
		f, err := s.reports.Export(ctx, who, r.ID, format)
		if err != nil {
			return err
		}
		out.add("01-bao-cao-tong-hop."+format, f.Data)
	}
	return nil
}

func (s *Service) briefing(ctx context.Context, who auth.Actor, out *Pack) error {
	b, err := s.briefings.Of(ctx, who, out.Unit, out.Period)
	if fault.Is(err, fault.KindNotFound) {
		out.lack("Chưa triệu tập hội nghị giao ban của kỳ.")
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range []struct {
		name  string
		write func(context.Context, auth.Actor, string) (doc.Document, error)
	}{
		{"02-giay-moi", s.briefings.Invitation}, {"03-bien-ban", s.briefings.Minutes},
		{"04-thong-bao-ket-luan", s.briefings.Notice}, {"05-nhiem-vu", s.briefings.TaskList},
	} {
		made, err := d.write(ctx, who, b.ID)
		if fault.Is(err, fault.KindRefused) {
			out.lack(fault.Text(err))
			continue
		}
		if err != nil {
			return err
		}
		var word, portable bytes.Buffer
		if err := doc.DOCX(&word, made); err != nil {
			return fmt.Errorf("pack %s: %w", d.name, err)
		}
		if err := doc.PDF(&portable, made); err != nil {
			return fmt.Errorf("pack %s: %w", d.name, err)
		}
		out.add(d.name+".docx", word.Bytes())
		out.add(d.name+".pdf", portable.Bytes())
	}
	var calendar bytes.Buffer
	if err := briefing.ICS(&calendar, b); err != nil {
		return err
	}
	out.add("02-giay-moi.ics", calendar.Bytes())
	return nil
}

func (s *Service) article(ctx context.Context, who auth.Actor, out *Pack) error {
	r, err := s.reports.Issued(ctx, who, out.Unit, out.Period)
	if fault.Is(err, fault.KindNotFound) {
		out.lack("Chưa có tin bài: tin được soạn từ báo cáo đã chốt.")
		return nil
	}
	if err != nil {
		return err
	}
	a, found, err := s.articles.Of(ctx, who, r.Unit, r.Period)
	if err != nil {
		return err
	}
	if !found {
		out.lack("Chưa có tin bài của kỳ.")
		return nil
	}
	page, err := article.HTML(a)
	if err != nil {
		return err
	}
	out.add("06-tin-bai.html", page)
	return nil
}

// index is the list of what the pack holds and lacks.
func (p Pack) index() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Hồ sơ giao ban %s, %s\n\n", viet.PeriodName(p.Period), p.Unit)
	for _, f := range p.Files {
		fmt.Fprintf(&b, "- %s\n", f.Name)
	}
	if len(p.Missing) > 0 {
		b.WriteString("\nChưa có:\n")
		for _, m := range p.Missing {
			fmt.Fprintf(&b, "- %s\n", m)
		}
	}
	return []byte(b.String())
}

// WriteDir writes the pack into a folder, made when missing.
func (p Pack) WriteDir(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fault.Unavailable("Không tạo được thư mục " + dir + ". Hãy kiểm tra quyền ghi.")
	}
	for _, f := range append(p.Files, File{"00-muc-luc.txt", p.index()}) {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o640); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	return nil
}

// WriteZip writes the pack as a zip.
func (p Pack) WriteZip(w io.Writer, at time.Time) error {
	z := zip.NewWriter(w)
	for _, f := range append(p.Files, File{"00-muc-luc.txt", p.index()}) {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.Data); err != nil {
			return err
		}
	}
	return z.Close()
}
