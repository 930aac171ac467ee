package figure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Typing is one cell as a browser sends it, at once or after hours without a network.
type Typing struct {
	ID     string // the browser's own: the same act sent again is answered as it was the first time
	Cell   string // TT01, HV01.DTTS
	Text   string
	Choice string // the reading that answers an earlier question about the text
	AsOf   string // as people write a day
	Reason string
	Expect int // the version that the person saw
}

// Answer is what a typed cell came to.
type Answer struct {
	Saved   bool   // else it stands beside the cell, since somebody else was faster
	Version int    // that now stands
	Rival   string // the id of what stands beside the cell
	Value   Value
	Raw     string
	// Theirs is what stands where a rival was kept, with who wrote it and when; it is read anew at each answer.
	Theirs *Standing `json:"-"`
	Flags  []Flag    `json:"-"` // of the cell's indicator
	Cell   Cell      `json:"-"`

	Indicator indicator.Indicator `json:"-"`
}

// Standing is a value with who gave it and when.
type Standing struct {
	Value
	Raw     string
	Version int
	By      string
	At      int64
}

// keepTyped is how long the answers are kept: a browser that has been off for longer asks about each of its cells anew, and
// is told what stands.
const keepTyped = 30 * 24 * time.Hour

const mostReason = 300

// digest tells two acts apart.
func (t Typing) digest(unit, per int64) string {
	h := sha256.New()
	for _, s := range []string{strconv.FormatInt(unit, 10), strconv.FormatInt(per, 10), t.Cell, t.Text, t.Choice, t.AsOf, t.Reason, strconv.Itoa(t.Expect)} {
		h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// check refuses what no page of ours sends.
func (t Typing) check() error {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	switch {
	case len(t.ID) < 16 || len(t.ID) > 64 || strings.Trim(t.ID, letters) != "":
		return fault.Invalid("", "Lần ghi này không có mã nên không nhận được. Hãy tải lại trang rồi gõ lại.")
	case t.Expect < 0:
		return fault.Invalid("", "Yêu cầu thiếu phiên bản của ô. Hãy tải lại trang rồi gõ lại.")
	case len([]rune(t.Reason)) > mostReason:
		return fault.Invalidf("", "Lý do dài quá %d ký tự.", mostReason)
	}
	return nil
}

// Type saves one cell. What is sent again under its id has no second effect and gets the first answer. Where somebody else
// has written the cell since the version that the person saw, both values are kept. The error is a *viet.Question, a
// *viet.Refusal, or a fault.
func (s *Service) Type(ctx context.Context, who auth.Actor, unit, code string, t Typing) (Answer, error) {
	if err := who.Must(auth.Enter); err != nil {
		return Answer{}, err
	}
	var out Answer
	err := s.db.WriteShort(ctx, func(tx *db.Tx) (err error) {
		out, err = s.typeIn(ctx, tx, who, unit, code, t)
		return err
	})
	return out, err
}

func (s *Service) typeIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit, code string, t Typing) (out Answer, err error) {
	u, p, err := s.place(ctx, tx, who, unit, code)
	if err != nil {
		return out, err
	}
	if err := org.MaySee(ctx, tx, who, auth.Enter, u.ID, s.clock.Today()); err != nil {
		return out, err
	}
	if err := t.check(); err != nil {
		return out, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return out, err
	}
	in, part, ok := catalog.At(p.To).PartByCode(t.Cell)
	if !ok {
		return out, fault.NotFound()
	}
	cell := Cell{u.ID, p.ID, in.ID, part.Part}
	asked := t.digest(u.ID, p.ID)
	out, known, err := findTyped(ctx, tx, who, t.ID, asked)
	if err != nil {
		return out, err
	}
	if !known {
		if out, err = s.typeNew(ctx, tx, who, p, cell, in, t); err != nil {
			return out, err
		}
		answer, err := json.Marshal(out)
		if err != nil {
			return out, err
		}
		if _, err := tx.Exec(ctx, `insert into figure_typed(id, at, person, asked, answer) values ($1,$2,$3,$4,$5)`,
			t.ID, s.clock.Milli(), who.Person, asked, string(answer)); err != nil {
			return out, err
		}
	}
	out.Indicator, out.Cell = in, cell
	if out.Rival != "" {
		if out.Theirs, err = standsIn(ctx, tx, cell); err != nil {
			return out, err
		}
	}
	flags, err := flagsOf(ctx, tx, u.ID, p.ID)
	if err != nil {
		return out, err
	}
	for _, one := range rowsOf(in) {
		c := cell
		c.Part = one.Part
		out.Flags = append(out.Flags, flags[c]...)
	}
	return out, nil
}

func rowsOf(in indicator.Indicator) []indicator.Part {
	return append([]indicator.Part{{}}, in.Parts...)
}

func findTyped(ctx context.Context, tx *db.Tx, who auth.Actor, id, asked string) (out Answer, known bool, err error) {
	var person, same, answer string
	err = tx.QueryRow(ctx, `select person, asked, answer from figure_typed where id = $1`, id).Scan(&person, &same, &answer)
	switch {
	case db.Missing(err):
		return out, false, nil
	case err != nil:
		return out, false, err
	case person != who.Person || same != asked:
		return out, false, fault.Invalid("", "Mã của lần ghi này đã dùng cho một ô khác. Hãy tải lại trang rồi gõ lại.")
	}
	return out, true, json.Unmarshal([]byte(answer), &out)
}

// typeNew saves what has not been sent before.
func (s *Service) typeNew(ctx context.Context, tx *db.Tx, who auth.Actor, p period.Period, cell Cell, in indicator.Indicator, t Typing) (Answer, error) {
	if in.Across == indicator.Ratio {
		return Answer{}, fault.Refused("Ô này do hệ thống tự tính từ hai chỉ tiêu khác, không gõ vào được.")
	}
	input := Input{Unit: cell.Unit, Period: p, Indicator: in, Part: cell.Part, Expect: t.Expect, Reason: viet.Clean(t.Reason)}
	var err error
	if t.AsOf != "" {
		if input.AsOf, err = viet.ParseDate(t.AsOf, p.Year); err != nil {
			return Answer{}, err
		}
	}
	text := t.Text
	if t.Choice != "" {
		text = t.Choice
	}
	if input.Quantity, err = Read(text, in); err != nil {
		return Answer{}, err
	}
	saved, rivals, err := s.saveOrKeep(ctx, tx, who, []Input{input})
	if err != nil {
		return Answer{}, err
	}
	v := input.version()
	out := Answer{Value: v.Value, Raw: v.Raw}
	if len(rivals) > 0 {
		out.Rival = rivals[0].ID
		return out, nil
	}
	out.Saved = true
	if len(saved) > 0 {
		out.Version = saved[0].Version
	}
	return out, nil
}

// Fill saves a form: the cells in which the person was not too late, all or none, and beside the others what they typed.
func (s *Service) Fill(ctx context.Context, who auth.Actor, inputs []Input) (saved []Saved, rivals []Rival, err error) {
	if err := who.Must(auth.Enter); err != nil {
		return nil, nil, err
	}
	err = s.db.WriteShort(ctx, func(tx *db.Tx) (err error) {
		saved, rivals, err = s.saveOrKeep(ctx, tx, who, inputs)
		return err
	})
	return saved, rivals, err
}

// saveOrKeep parts the inputs by whether the version that the person saw still stands. They are of one unit and period.
func (s *Service) saveOrKeep(ctx context.Context, tx *db.Tx, who auth.Actor, inputs []Input) (saved []Saved, rivals []Rival, err error) {
	if len(inputs) == 0 {
		return nil, nil, nil
	}
	first, last := inputs[0].Indicator.ID, inputs[0].Indicator.ID
	for _, in := range inputs {
		first, last = min(first, in.Indicator.ID), max(last, in.Indicator.ID)
	}
	stands, err := standingOf(ctx, tx, Submitted, inputs[0].Unit, inputs[0].Period.ID, first, last)
	if err != nil {
		return nil, nil, err
	}
	now := map[Cell]Version{}
	for _, v := range stands {
		now[v.Cell] = v
	}
	var good, late []Input
	for _, in := range inputs {
		old, v := now[in.cell()], in.version()
		switch {
		case v.Blank() && old.Version == 0: // a dash in an empty cell is still an empty cell
		case in.Expect != Any && in.Expect != old.Version && old.Value != v.Value:
			late = append(late, in)
		default:
			good = append(good, in)
		}
	}
	if len(good) > 0 {
		if _, saved, err = s.SaveIn(ctx, tx, who, Typed, "", good); err != nil {
			return nil, nil, err
		}
		for _, in := range good {
			if err := s.retype(ctx, tx, who, in.cell()); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(late) > 0 {
		rivals, err = s.keepRivals(ctx, tx, who, late)
	}
	return saved, rivals, err
}

// SweepTyped forgets old answers.
func (s *Service) SweepTyped(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from figure_typed where at < $1`, s.clock.Now().Add(-keepTyped).UnixMilli())
		return err
	})
}

// question is what a reader of numbers asks, if that is what an error is.
func question(err error) *viet.Question {
	var q *viet.Question
	errors.As(err, &q)
	return q
}
