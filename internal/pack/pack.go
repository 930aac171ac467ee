// Package pack gathers a quarter's documents as files: the consolidated report, the invitation, the minutes, the notice of
// conclusion, the task list and the news item, each in the layout of its day. What is not final yet is a draft from live data and
// says so, in its head and in its name. It refuses to make anything up, and to change anything: what really cannot be written is
// named as missing, with the reason.
package pack

import (
	"bytes"
	"context"
	"fmt"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// Paper is one document of the pack, in one or more formats.
type Paper struct {
	Stem    string // of the files' names: "03-bien-ban"
	Title   string // "Biên bản"
	Draft   bool
	Formats []string
	write   func(format string) ([]byte, error)
}

// Name is the name of the paper's file in a format. A draft's says what it is, so that nobody takes it for the document.
func (p Paper) Name(format string) string {
	if p.Draft {
		return p.Stem + "-du-thao." + format
	}
	return p.Stem + "." + format
}

// File is one file of the pack.
type File struct {
	Name  string
	Draft bool
	Data  []byte
}

// Missing is a document that cannot be written yet, and why, in the user's words.
type Missing struct{ Title, Reason string }

// Pack is a quarter's documents, and why others are not in it.
type Pack struct {
	Unit     string // code
	UnitName string
	Period   period.Period
	Papers   []Paper
	Missing  []Missing
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

// The documents in the order of the pack.
const (
	titleReport     = "Báo cáo tổng hợp"
	titleInvitation = "Giấy mời"
	titleMinutes    = "Biên bản"
	titleNotice     = "Thông báo kết luận"
	titleTasks      = "Danh mục nhiệm vụ"
	titleNews       = "Tin bài"
)

// Make gathers the documents of a place's period. It reads only.
func (s *Service) Make(ctx context.Context, who auth.Actor, unitCode string, p period.Period) (Pack, error) {
	out := Pack{Unit: unitCode, Period: p}
	if err := who.Must(auth.View); err != nil {
		return out, err
	}
	paper, err := s.reports.Paper(ctx, who, unitCode, p.Code)
	reported, err := found(err)
	if err != nil {
		return out, err
	}
	b, err := s.briefings.Of(ctx, who, unitCode, p.Code)
	convened, err := found(err)
	if err != nil {
		return out, err
	}
	if reported = reported && paper.HasFigures(); reported {
		out.UnitName = paper.UnitName
		out.add(Paper{Stem: "01-bao-cao-tong-hop", Title: titleReport, Draft: paper.Draft, Formats: []string{"docx", "pdf", "xlsx"}, write: func(format string) ([]byte, error) {
			f, err := paper.File(format)
			return f.Data, err
		}})
	} else {
		out.lack(titleReport, "Chưa có số liệu nào của kỳ để soạn.")
	}
	var held *briefing.Briefing
	if convened {
		out.UnitName, held = b.UnitName, &b
		if err := s.meeting(ctx, who, b, &out); err != nil {
			return out, err
		}
	} else {
		for _, title := range []string{titleInvitation, titleMinutes, titleNotice, titleTasks} {
			out.lack(title, "Chưa triệu tập hội nghị giao ban của kỳ.")
		}
	}
	if !reported {
		out.lack(titleNews, "Tin được soạn từ báo cáo tổng hợp, mà báo cáo chưa có.")
		return out, nil
	}
	return out, s.news(ctx, who, paper, held, &out)
}

// found tells whether something is there; only another error than its absence is one.
func found(err error) (bool, error) {
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (p *Pack) add(x Paper) { p.Papers = append(p.Papers, x) }

func (p *Pack) lack(title, reason string) { p.Missing = append(p.Missing, Missing{title, reason}) }

// meeting adds the papers of the briefing. An invitation stands from the day that it is sent; the others are final with the
// conclusion.
func (s *Service) meeting(ctx context.Context, who auth.Actor, b briefing.Briefing, out *Pack) error {
	for _, d := range []struct {
		stem, title string
		make        func(context.Context, auth.Actor, string) (doc.Document, error)
	}{
		{"02-giay-moi", titleInvitation, s.briefings.Invitation}, {"03-bien-ban", titleMinutes, s.briefings.Minutes},
		{"04-thong-bao-ket-luan", titleNotice, s.briefings.Notice}, {"05-nhiem-vu", titleTasks, s.briefings.TaskList},
	} {
		made, err := d.make(ctx, who, b.ID)
		if fault.Is(err, fault.KindRefused) {
			out.lack(d.title, fault.Text(err))
			continue
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", d.stem, err)
		}
		p := Paper{Stem: d.stem, Title: d.title, Draft: made.Draft, Formats: []string{"docx", "pdf"}}
		p.write = func(format string) ([]byte, error) {
			var file bytes.Buffer
			var err error
			switch format {
			case "docx":
				err = doc.DOCX(&file, made)
			case "pdf":
				err = doc.PDF(&file, made)
			case "ics":
				err = briefing.ICS(&file, b)
			}
			return file.Bytes(), err
		}
		if d.title == titleInvitation {
			p.Formats = append(p.Formats, "ics")
		}
		out.add(p)
	}
	return nil
}

// Files writes all papers.
func (p Pack) Files() ([]File, error) {
	var out []File
	for _, x := range p.Papers {
		for _, format := range x.Formats {
			data, err := x.write(format)
			if err != nil {
				return nil, fmt.Errorf("pack %s: %w", x.Name(format), err)
			}
			out = append(out, File{x.Name(format), x.Draft, data})
		}
	}
	return out, nil
}
