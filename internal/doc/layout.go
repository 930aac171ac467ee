package doc

import (
	"fmt"
	"time"

	"giaoban/internal/fault"
)

// layout is one rule set. Lengths are millimetres, sizes are points.
type layout struct {
	System System
	From   string // first date of a document under these rules
	Name   string // the regulation, as a user reads it

	Top, Bottom, Left, Right float64 // margins
	PageNumber               float64 // size, centred in the top margin, not on a section's first page
	HeadLeft                 float64 // width of the left half of the head

	National     []headline // the right head
	Parent       headline   // text is the document's
	IssuerSize   float64
	IssuerStar   bool    // "*" under the issuer instead of a rule
	NumberSize   float64 // "Số: 05/BC-..."
	NumberFormat numberFormat
	PlaceSize    float64

	TitleSize, SubjectSize     float64
	SubjectDashes              bool // "-----" under the subject instead of a rule
	LetterSubject              float64
	LetterSubjectItalic        bool
	LetterSubjectPrefix        string
	Body                       float64
	Indent                     float64 // first line
	Gap                        float64 // points between paragraphs
	Line                       float64 // multiple of single spacing, or points when LineExact
	LineExact                  bool
	Ending                     string
	AuthorityMark              map[string]string // Form -> as printed before the body
	AuthoritySize              float64
	OfficeBold                 bool
	CollectiveDropsKT          bool // one who signs for a collective signs by his own office
	RecipientsHead             float64
	RecipientsItalicBold       bool // else underlined
	RecipientsSize             float64
	ArchiveFormat              string // %s is the archive
	ArchiveDefault             string
	TableSize                  float64
	AddressSize, SignatureName float64
}

type headline struct {
	Text string
	Size float64
	Bold bool
	Rule bool // a solid rule below, as long as the line
}

type numberFormat struct {
	Lead string // before the number
	Kind string // between the number and the kind
	Body string // between the kind and the issuer's sign
}

var (
	stateMarks = map[string]string{"TM": "TM. ", "KT": "KT. ", "TL": "TL. ", "TUQ": "TUQ. ", "Q": "Q. "}
	partyMarks = map[string]string{"TM": "T/M ", "KT": "K/T ", "TL": "T/L ", "TUQ": "T/UQ ", "Q": "Q. "}
)

// nd30 is Decree 30/2020/NĐ-CP, Annex I, in force from 2020-03-05. Where the decree leaves a range, the value is one that
// fits the head on one line within the margins.
var nd30 = layout{
	System: State, From: "2020-03-05", Name: "Nghị định số 30/2020/NĐ-CP",
	Top: 20, Bottom: 20, Left: 30, Right: 15, PageNumber: 14, HeadLeft: 65,
	National: []headline{
		{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Size: 12, Bold: true},
		{Text: "Độc lập - Tự do - Hạnh phúc", Size: 13, Bold: true, Rule: true},
	},
	Parent: headline{Size: 12}, IssuerSize: 12,
	NumberSize: 13, NumberFormat: numberFormat{Lead: "Số: ", Kind: "/", Body: "-"}, PlaceSize: 13,
	TitleSize: 14, SubjectSize: 14, LetterSubject: 12, LetterSubjectPrefix: "V/v ",
	Body: 14, Indent: 12.7, Gap: 6, Line: 1.1, Ending: "./.",
	AuthorityMark: stateMarks, AuthoritySize: 14, OfficeBold: true, SignatureName: 14,
	RecipientsHead: 12, RecipientsItalicBold: true, RecipientsSize: 11,
	ArchiveFormat: "Lưu: VT, %s", ArchiveDefault: "Lưu: VT",
	TableSize: 12, AddressSize: 14,
}

// tt01 is Circular 01/2011/TT-BNV, which held before the decree. Its measures are not verified: they are taken to be the
// decree's, which continued the same style.
var tt01 = func() layout {
	l := nd30
	l.From, l.Name = "2011-04-07", "Thông tư số 01/2011/TT-BNV"
	return l
}()

// hd36 is Guidance 36-HD/VPTW of 2018-04-03. Verified: heads, number, sizes of title, subject and body, margins, slashes.
// Not verified, and taken by analogy: the indent and line spacing, the rule below the subject, the closing mark, sizes of the
// list of recipients.
var hd36 = layout{
	System: Party, From: "2018-04-03", Name: "Hướng dẫn số 36-HD/VPTW",
	Top: 20, Bottom: 20, Left: 30, Right: 15, PageNumber: 14, HeadLeft: 78,
	National: []headline{{Text: "ĐẢNG CỘNG SẢN VIỆT NAM", Size: 15, Bold: true, Rule: true}},
	Parent:   headline{Size: 14}, IssuerSize: 14, IssuerStar: true,
	NumberSize: 14, NumberFormat: numberFormat{Lead: "Số ", Kind: "-", Body: "/"}, PlaceSize: 14,
	TitleSize: 16, SubjectSize: 15, LetterSubject: 12, LetterSubjectItalic: true,
	Body: 14, Indent: 12.7, Gap: 6, Line: 18, LineExact: true, Ending: "./.",
	AuthorityMark: partyMarks, AuthoritySize: 14, SignatureName: 14,
	RecipientsHead: 14, RecipientsSize: 12, ArchiveFormat: "Lưu %s", ArchiveDefault: "Lưu Văn phòng",
	TableSize: 12, AddressSize: 14,
}

// hd05 is Guidance 05-HD/VPTW of 2026. Its date is given as 2026-05-27 by two sources and 2026-01-12 by one, its exact line
// spacing as 18 pt or 19 pt; sizes that no source names are those of hd36.
var hd05 = func() layout {
	l := hd36
	l.From, l.Name = "2026-05-27", "Hướng dẫn số 05-HD/VPTW"
	l.Indent, l.Line = 10, 18
	l.SubjectDashes, l.CollectiveDropsKT = true, true
	l.Ending = "."
	return l
}()

// layouts are the rule sets of each system, newest first. A document older than the oldest takes the oldest.
var layouts = map[System][]layout{
	State: {nd30, tt01},
	Party: {hd05, hd36},
}

func layoutFor(s System, date string) (layout, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return layout{}, fault.Invalid("date", "Văn bản phải có ngày hợp lệ (năm-tháng-ngày) để chọn đúng thể thức.")
	}
	sets, ok := layouts[s]
	if !ok {
		return layout{}, fmt.Errorf("doc: no layout for system %d", s)
	}
	for _, l := range sets {
		if date >= l.From {
			return l, nil
		}
	}
	return sets[len(sets)-1], nil
}

// Regulation is the name of the regulation that lays out a document of that system and date (ISO), "Nghị định số 30/2020/NĐ-CP".
func Regulation(s System, date string) (string, error) {
	l, err := layoutFor(s, date)
	return l.Name, err
}
