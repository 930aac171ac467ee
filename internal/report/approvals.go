package report

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Sealed is what somebody approved, as canonical JSON: fields in this order, rows in the order of their keys, so that the
// same figures and statements are the same bytes.
type Sealed struct {
	Format     int               `json:"format"`
	Unit       string            `json:"unit"`
	Period     string            `json:"period"`
	Figures    []SealedFigure    `json:"figures"`
	Statements []SealedStatement `json:"statements"`
}

// SealedFigure is a figure that an approval was bound to. Cell is the indicator's address ("HV01.DTTS").
type SealedFigure struct {
	Cell      string `json:"cell"`
	Version   int    `json:"version"`
	Value     *int64 `json:"value"` // scaled by the indicator's decimals
	Qualifier int64  `json:"qualifier"`
	Raw       string `json:"raw"`
	AsOf      string `json:"as_of"`
}

// SealedStatement is a statement, or an answer to a form's question, that an approval was bound to.
type SealedStatement struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Topic   string `json:"topic"`
	AsOf    string `json:"as_of"`
}

const sealedFormat = 1

func (f SealedFigure) value() figure.Value {
	v := figure.Value{Qualifier: viet.Qualifier(f.Qualifier)}
	if f.Value != nil {
		v.Number, v.Has = *f.Value, true
	}
	return v
}

func (f SealedFigure) same(o SealedFigure) bool {
	return f.value() == o.value() && f.Raw == o.Raw && f.AsOf == o.AsOf
}

func (x SealedStatement) same(o SealedStatement) bool {
	return x.Kind == o.Kind && x.Text == o.Text && x.Topic == o.Topic && x.AsOf == o.AsOf
}

// sealedNow reads what a body's report says now.
func (s *Service) sealedNow(ctx context.Context, tx *db.Tx, pl place, catalog *indicator.Catalog) (Sealed, error) {
	out, err := s.sealedLayer(ctx, tx, pl, figure.Submitted, catalog)
	if err != nil {
		return out, err
	}
	said, err := s.StatementsIn(ctx, tx, auth.System(), pl.unit.ID, false, pl.p)
	if err != nil {
		return out, err
	}
	for _, x := range said {
		out.Statements = append(out.Statements, SealedStatement{x.ID, x.Version, string(x.Kind), x.Text, x.Topic, x.AsOf})
	}
	answers, err := s.answers(ctx, tx, pl)
	if err != nil {
		return out, err
	}
	out.Statements = append(out.Statements, answers...)
	slices.SortFunc(out.Statements, func(a, b SealedStatement) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// answers are what the body answers to the questions of its forms, as an approval is bound to it: the topic is the question. No
// answer can be changed while an approval stands.
func (s *Service) answers(ctx context.Context, tx *db.Tx, pl place) ([]SealedStatement, error) {
	if s.forms == nil {
		return nil, nil
	}
	forms, err := s.forms.FilledIn(ctx, tx, auth.System(), pl.unit, pl.p)
	if err != nil {
		return nil, err
	}
	var out []SealedStatement
	for _, f := range forms {
		for _, a := range f.Answers {
			if !a.Given() {
				continue
			}
			text := a.Stored()
			if a.None {
				text = "Không phát sinh"
			}
			out = append(out, SealedStatement{ID: "answer/" + a.Item.ID, Version: a.Version, Kind: "answer", Text: text, Topic: a.Label})
		}
	}
	return out, nil
}

// sealedLayer reads the figures of a layer.
func (s *Service) sealedLayer(ctx context.Context, tx *db.Tx, pl place, layer figure.Layer, catalog *indicator.Catalog) (Sealed, error) {
	out := Sealed{Format: sealedFormat, Unit: pl.unit.Code, Period: pl.p.Code, Figures: []SealedFigure{}, Statements: []SealedStatement{}}
	now, err := s.figures.OwnIn(ctx, tx, auth.System(), layer, pl.unit, []period.Period{pl.p}) // the caller has checked the unit
	if err != nil {
		return out, err
	}
	for c, v := range now {
		in, ok := catalog.ByID(c.Indicator)
		if !ok || v.Blank() {
			continue
		}
		part, _ := in.Part(c.Part)
		f := SealedFigure{Cell: indicator.Address(in, part), Version: v.Version, Qualifier: int64(v.Qualifier), Raw: v.Raw, AsOf: v.AsOf}
		if v.Has {
			f.Value = &v.Number
		}
		out.Figures = append(out.Figures, f)
	}
	slices.SortFunc(out.Figures, func(a, b SealedFigure) int { return cmp.Compare(a.Cell, b.Cell) })
	return out, nil
}

// seal gives the canonical bytes and their hash.
func (x Sealed) seal() (text []byte, sha string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return nil, "", fmt.Errorf("seal %s/%s: %w", x.Unit, x.Period, err)
	}
	text = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return text, hashOf(text), nil
}

// The steps that bind somebody to what the report says.
const (
	StepHead   = "head"
	StepOffice = "office"
)

// Approval is an act by which somebody stood for what a report said.
type Approval struct {
	Ordinal int
	Step    string // StepHead or StepOffice
	At      int64
	Person  string
	Giver   string // for whom, by delegation
	By      string // the signature
	SHA256  string
	Reason  string
	Ended   int64 // when a return took it back; 0 while it stands
	Content Sealed
}

// StepName is the approval's step in the user's words.
func (a Approval) StepName() string {
	if a.Step == StepHead {
		return "Lãnh đạo đơn vị duyệt"
	}
	return "Văn phòng tiếp nhận"
}

// bind writes that an actor stands for what the report says now, and answers the hash.
func (s *Service) bind(ctx context.Context, tx *db.Tx, who auth.Actor, r Report, pl place, step, reason string) (string, error) {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return "", err
	}
	now, err := s.sealedNow(ctx, tx, pl, catalog)
	if err != nil {
		return "", err
	}
	text, sha, err := now.seal()
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `insert into report_approval(report, ordinal, step, at, person, giver, content, sha256, reason, ended)
		select $1, coalesce(max(ordinal), 0) + 1, $2, $3, $4, $5, $6, $7, $8, 0 from report_approval where report = $1`,
		r.ID, step, s.clock.Milli(), who.Person, who.For, string(text), sha, reason)
	return sha, err
}

// approvalsOf lists the approvals of a report, the latest first. Bytes that do not give their hash are an error.
func approvalsOf(ctx context.Context, tx *db.Tx, report, object string) ([]Approval, error) {
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Approval, error) {
		var a Approval
		var text string
		if err := rows.Scan(&a.Ordinal, &a.Step, &a.At, &a.Person, &a.Giver, &text, &a.SHA256, &a.Reason, &a.Ended); err != nil {
			return a, err
		}
		if sha := hashOf([]byte(text)); sha != a.SHA256 {
			return a, fmt.Errorf("approval %d of report %s: its bytes give the hash %s, stored is %s", a.Ordinal, report, sha, a.SHA256)
		}
		return a, json.Unmarshal([]byte(text), &a.Content)
	}, `select ordinal, step, at, person, giver, content, sha256, reason, ended from report_approval where report = $1 order by ordinal desc`, report)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].By, err = audit.SignedBy(ctx, tx, list[i].Person, "report", object, list[i].At); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// standingApprovals are the latest approval of each step that no return has taken back.
func standingApprovals(list []Approval) []Approval {
	var out []Approval
	seen := map[string]bool{}
	for _, a := range list {
		if a.Ended == 0 && !seen[a.Step] {
			seen[a.Step] = true
			out = append(out, a)
		}
	}
	return out
}

// approvers are who stands for what a report says, and for whom they acted.
func approvers(ctx context.Context, tx *db.Tx, report string) (out []string, err error) {
	rows, err := tx.Query(ctx, `select person, giver from report_approval where report = $1 and ended = 0`, report)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var person, giver string
		if err := rows.Scan(&person, &giver); err != nil {
			return nil, err
		}
		out = append(out, person, giver)
	}
	return out, rows.Err()
}

func endApprovals(ctx context.Context, tx *db.Tx, report string, at int64) error {
	_, err := tx.Exec(ctx, `update report_approval set ended = $2 where report = $1 and ended = 0`, report, at)
	return err
}

// BodyChange is what has changed since somebody approved it: a figure or a statement. Either side may be empty.
type BodyChange struct {
	Name, Approved, Now string
	URL                 string
	By                  string // who changed it, and when
	At                  int64
	Reason              string
	key                 string
}

// changesSince compares what was approved with what stands.
func (s *Service) changesSince(ctx context.Context, tx *db.Tx, pl place, was, now Sealed, catalog *indicator.Catalog) ([]BodyChange, error) {
	var out []BodyChange
	before, after := map[string]SealedFigure{}, map[string]SealedFigure{}
	var cells []string
	for _, f := range was.Figures {
		before[f.Cell] = f
		cells = append(cells, f.Cell)
	}
	for _, f := range now.Figures {
		if _, ok := before[f.Cell]; !ok {
			cells = append(cells, f.Cell)
		}
		after[f.Cell] = f
	}
	slices.Sort(cells)
	for _, code := range cells {
		a, b := before[code], after[code]
		in, part, ok := catalog.PartByCode(code)
		if !ok || a.same(b) {
			continue
		}
		c := BodyChange{Name: partName(in, part), Approved: figure.Print(a.value(), a.Raw, in), Now: figure.Print(b.value(), b.Raw, in), key: code}
		c.URL = figure.Address{Unit: pl.unit.Code, Period: pl.p.Code, Indicator: in.Code, Part: part.Part, Layer: figure.Submitted, Own: true}.URL()
		var person, entry string
		err := tx.QueryRow(ctx, `select e.person, e.id, e.at, coalesce(f.reason, '') from figure f join figure_entry e on e.key = f.entry
			where f.unit = $1 and f.period = $2 and f.indicator = $3 and f.part = $4 and f.layer = 1 and `+newest, pl.unit.ID, pl.p.ID, in.ID, part.Part).
			Scan(&person, &entry, &c.At, &c.Reason)
		if err != nil && !db.Missing(err) {
			return nil, err
		}
		if c.By, err = audit.SignedBy(ctx, tx, person, "figure", entry, c.At); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	more, err := s.statementsSince(ctx, tx, pl, was, now)
	return append(out, more...), err
}

func (s *Service) statementsSince(ctx context.Context, tx *db.Tx, pl place, was, now Sealed) ([]BodyChange, error) {
	before, after := map[string]SealedStatement{}, map[string]SealedStatement{}
	var ids []string
	for _, x := range was.Statements {
		before[x.ID] = x
		ids = append(ids, x.ID)
	}
	for _, x := range now.Statements {
		if _, ok := before[x.ID]; !ok {
			ids = append(ids, x.ID)
		}
		after[x.ID] = x
	}
	var out []BodyChange
	for _, id := range ids {
		a, b := before[id], after[id]
		if a.same(b) {
			continue
		}
		c := BodyChange{Name: StatementKind(cmp.Or(b.Kind, a.Kind)).Name(), Approved: a.Text, Now: b.Text, URL: BodyPath(pl.unit.Code, pl.p) + "#nd-" + id, key: id}
		var person string
		err := tx.QueryRow(ctx, `select s.person, s.at, s.reason from report_statement s where s.id = $1 and `+newestStatement, id).Scan(&person, &c.At, &c.Reason)
		if err != nil && !db.Missing(err) {
			return nil, err
		}
		if c.By, err = audit.SignedBy(ctx, tx, person, "report", pl.object(), c.At); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
