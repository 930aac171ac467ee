// Package intake takes figures, statements, targets and units from files: the workbook that a body was given, a plain
// sheet, CSV, JSON. Every file is a preview first, cell by cell; then one transaction; then it can be undone as a whole.
// It refuses to guess: a number in two readings is a question, an unknown name is answered with the nearest ones, text in
// an old encoding is converted only on consent, and a cell that has moved on since the preview is shown again. It refuses
// to write half a file, and it holds no figure of its own.
package intake

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"giaoban/internal/figure"
)

// File is what somebody hands in. The name is shown and kept; what the file is, its bytes tell.
type File struct {
	Name string
	Data []byte
}

// Kind is the form of a file.
type Kind string

const (
	Workbook Kind = "workbook" // written by Template
	Sheet    Kind = "sheet"    // any other XLSX with columns that can be told
	CSV      Kind = "csv"
	JSON     Kind = "json"
	DHIS2    Kind = "dhis2" // a dataValueSet
	ADX      Kind = "adx"
	Signed   Kind = "package" // another site's approved figures, signed
	Many     Kind = "many"    // an archive of files, several files at once, or a workbook with a sheet for each of many bodies
)

// Name is the kind in the user's words.
func (k Kind) Name() string {
	switch k {
	case Workbook:
		return "biểu mẫu Excel"
	case Sheet:
		return "bảng tính Excel"
	case CSV:
		return "tệp CSV"
	case JSON:
		return "tệp JSON"
	case DHIS2:
		return "tệp DHIS2"
	case ADX:
		return "tệp ADX"
	case Signed:
		return "gói số liệu có chữ ký"
	case Many:
		return "nhiều biểu mẫu"
	}
	return ""
}

// Options go with a file. Unit and Period serve a table that names none; Reason stands on figures that correct approved
// ones. DryRun is for Import only.
type Options struct {
	Unit   string `json:"unit,omitempty"`
	Period string `json:"period,omitempty"`
	Reason string `json:"reason,omitempty"`
	Scheme string `json:"scheme,omitempty"` // table of codes for a file of another system; empty: the codes are this site's
	DryRun bool   `json:"-"`
	Consent
}

// Consent is what a person decides after the preview. Choices are by Line.At, counted from 0.
type Consent struct {
	SkipRefused   bool           `json:"skip_refused,omitempty"`
	ConvertLegacy bool           `json:"convert_legacy,omitempty"`
	Choices       map[string]int `json:"choices,omitempty"`
}

// over keeps the choices that were made before and not again.
func (c Consent) over(before map[string]int) Consent {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]int{}
	}
	maps.Copy(all, c.Choices)
	c.Choices = all
	return c
}

// What says what a line brings.
type What string

const (
	OfUnit      What = "unit"
	OfFigure    What = "figure"
	OfOverlap   What = "overlap"
	OfFlag      What = "flag"
	OfTarget    What = "target"
	OfStatement What = "statement"
	OfFile      What = "file" // of a drop: one that cannot be read, or several of which one is to be chosen
)

// Name is what a line brings, in the user's words.
func (w What) Name() string {
	switch w {
	case OfUnit:
		return "đơn vị"
	case OfFigure:
		return "số liệu"
	case OfOverlap:
		return "khai trùng"
	case OfFlag:
		return "mâu thuẫn của nguồn"
	case OfTarget:
		return "chỉ tiêu kế hoạch"
	case OfStatement:
		return "nội dung"
	case OfFile:
		return "tệp"
	}
	return ""
}

// State says what would become of a line.
type State string

const (
	StateNew      State = "new"
	StateChanged  State = "changed"
	StateEqual    State = "equal"
	StateRefused  State = "refused"
	StateQuestion State = "question"
	StateRival    State = "rival" // a package says otherwise than what people here have given: it is kept beside the cell, to be chosen
)

// States in the order in which a preview lists them: what needs a person first.
var States = []State{StateRefused, StateQuestion, StateRival, StateChanged, StateNew, StateEqual}

// Name is the state in the user's words.
func (s State) Name() string {
	switch s {
	case StateNew:
		return "mới"
	case StateChanged:
		return "thay đổi"
	case StateEqual:
		return "không đổi"
	case StateRefused:
		return "bị từ chối"
	case StateQuestion:
		return "cần chọn"
	case StateRival:
		return "để cạnh ô, chờ chọn"
	}
	return ""
}

// Line is one cell, statement, target or unit of a file.
type Line struct {
	At            string   `json:"at"`              // where it stands: "Số liệu!E7", "figures[3]"
	Where         string   `json:"where,omitempty"` // where the trouble is, when that is another cell
	What          What     `json:"what"`
	State         State    `json:"state"`
	Unit          string   `json:"unit,omitempty"`
	UnitName      string   `json:"unit_name,omitempty"`
	Period        string   `json:"period,omitempty"`
	PeriodName    string   `json:"period_name,omitempty"`
	Indicator     string   `json:"indicator,omitempty"`
	IndicatorName string   `json:"indicator_name,omitempty"`
	Part          int64    `json:"part,omitempty"`
	PartName      string   `json:"part_name,omitempty"`
	Before        string   `json:"before,omitempty"`
	After         string   `json:"after,omitempty"`
	Text          string   `json:"text,omitempty"` // why it is refused, what is asked, or what is to be known
	Readings      []string `json:"readings,omitempty"`
	Choice        int      `json:"choice,omitempty"` // the reading taken, from 1
	Legacy        []Legacy `json:"legacy,omitempty"`
	Seen          int      `json:"seen,omitempty"` // the version that the preview saw
}

// subject is what a line is about.
func (l Line) subject() [5]string {
	return [5]string{string(l.What), l.Unit, l.Period, l.Indicator, strconv.FormatInt(l.Part, 10)}
}

// URL opens the cell of a figure's line.
func (l Line) URL() string {
	if l.What != OfFigure || l.Unit == "" || l.Period == "" || l.Indicator == "" {
		return ""
	}
	return figure.Address{Unit: l.Unit, Period: l.Period, Indicator: l.Indicator, Part: l.Part, Own: true}.URL()
}

// Legacy is a text in an encoding from before Unicode and what it reads as.
type Legacy struct {
	At       string `json:"at"`
	Encoding string `json:"encoding"`
	Before   string `json:"before"`
	After    string `json:"after"`
}

// Problem is what is wrong with the file itself, and where. A plan with a problem cannot be applied.
type Problem struct {
	Address string `json:"address"`
	Text    string `json:"text"`
}

// Counts are the lines by state; Statements counts the statements among them.
type Counts struct {
	New        int `json:"new"`
	Changed    int `json:"changed"`
	Equal      int `json:"equal"`
	Refused    int `json:"refused"`
	Question   int `json:"question"`
	Rival      int `json:"rival,omitempty"`
	Statements int `json:"statements"`
}

func count(lines []Line) Counts {
	var c Counts
	for _, l := range lines {
		switch l.State {
		case StateNew:
			c.New++
		case StateChanged:
			c.Changed++
		case StateEqual:
			c.Equal++
		case StateRefused:
			c.Refused++
		case StateQuestion:
			c.Question++
		case StateRival:
			c.Rival++
		}
		if l.What == OfStatement {
			c.Statements++
		}
	}
	return c
}

// Stage is how far a plan has come.
type Stage string

const (
	Previewed Stage = "preview"
	Applied   Stage = "applied"
	Undone    Stage = "undone"
)

// Name is the stage in the user's words.
func (s Stage) Name() string {
	switch s {
	case Previewed:
		return "chưa ghi"
	case Applied:
		return "đã ghi"
	case Undone:
		return "đã hoàn tác"
	}
	return ""
}

// Plan is a preview, and afterwards the record of what was written. Times are UTC milliseconds.
type Plan struct {
	ID       string    `json:"id"`
	File     string    `json:"file"`
	SHA256   string    `json:"sha256"`
	Size     int       `json:"size"`
	Kind     Kind      `json:"kind"`
	Stage    Stage     `json:"stage"`
	At       int64     `json:"at"`
	Person   string    `json:"-"`
	By       string    `json:"by,omitempty"`
	Options  Options   `json:"options"`
	Rows     []Line    `json:"rows"`
	Counts   Counts    `json:"counts"`
	Problems []Problem `json:"problems,omitempty"`
	Notes    []Problem `json:"notes,omitempty"` // to be known, nothing wrong
	Entry    string    `json:"entry,omitempty"`
	DoneAt   int64     `json:"done_at,omitempty"`
	UndoneAt int64     `json:"undone_at,omitempty"`
	Reason   string    `json:"reason,omitempty"` // of the undoing
	Kept     []string  `json:"kept,omitempty"`   // cells that were changed since and kept their newer value
	Held     bool      `json:"-"`                // the file's bytes are still kept
}

// HasLegacy tells whether a line waits for consent to convert an old encoding.
func (p Plan) HasLegacy() bool {
	return slices.ContainsFunc(p.Rows, func(l Line) bool { return len(l.Legacy) > 0 })
}

// writable tells whether there is anything to write, or may be once somebody has chosen or consented.
func (p Plan) writable() bool {
	return p.Counts.New+p.Counts.Changed+p.Counts.Question+p.Counts.Rival > 0 || p.HasLegacy()
}

// Body is what a file brings for one body and period.
type Body struct {
	Unit, UnitName, Period, PeriodName string
	Counts                             Counts
}

// Bodies counts the lines by body and period, in the order of the file. Lines whose body is not known are in none.
func (p Plan) Bodies() []Body {
	at := map[[2]string]int{}
	var out []Body
	lines := map[[2]string][]Line{}
	for _, l := range p.Rows {
		if l.Unit == "" || l.What == OfUnit {
			continue
		}
		key := [2]string{l.Unit, l.Period}
		if _, ok := at[key]; !ok {
			at[key] = len(out)
			out = append(out, Body{Unit: l.Unit, UnitName: l.UnitName, Period: l.Period, PeriodName: l.PeriodName})
		}
		lines[key] = append(lines[key], l)
	}
	for key, i := range at {
		out[i].Counts = count(lines[key])
	}
	return out
}

// Ordered lists the lines of a state and a body, or all with what needs a person first.
func (p Plan) Ordered(state State, unit string) []Line {
	var out []Line
	for _, l := range p.Rows {
		if (state == "" || l.State == state) && (unit == "" || l.Unit == unit) {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		return cmp.Compare(slices.Index(States, a.State), slices.Index(States, b.State))
	})
	return out
}

// Result is what Apply has written.
type Result struct {
	Plan   string `json:"plan"`
	Entry  string `json:"entry,omitempty"`
	Counts Counts `json:"counts"`
}
