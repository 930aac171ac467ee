package trail

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/web"
)

// writer writes lines of the trail into a file.
type writer interface {
	line(Line) error
	end() error
}

func newWriter(ctx context.Context, kind string, w io.Writer) writer {
	if kind == "csv" {
		return &csvWriter{ctx: ctx, w: w, out: csv.NewWriter(w)}
	}
	return jsonWriter{json.NewEncoder(w)}
}

type csvWriter struct {
	ctx   context.Context
	w     io.Writer
	out   *csv.Writer
	begun bool
}

var csvHead = []string{"Thời điểm", "Người", "Thay mặt", "Việc", "Nhóm", "Mã việc", "Đối tượng", "Đơn vị", "Lý do", "Trước", "Sau", "Mạng", "Mã mục"}

// begin writes the mark by which a spreadsheet sees UTF-8, and the head.
func (c *csvWriter) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	c.out.UseCRLF = true
	if _, err := io.WriteString(c.w, "\uFEFF"); err != nil {
		return err
	}
	head := make([]string, len(csvHead))
	for i, h := range csvHead {
		head[i] = web.T(c.ctx, h)
	}
	return c.out.Write(head)
}

func (c *csvWriter) line(l Line) error {
	if err := c.begin(); err != nil {
		return err
	}
	units := make([]string, len(l.Units))
	for i, u := range l.Units {
		units[i] = u.Name
	}
	forWho := ""
	if l.ActingFor != "" {
		forWho = personName(c.ctx, l.ForWho)
	}
	row := []string{moment(l.At), personName(c.ctx, l.Who), forWho, l.Sentence(c.ctx), l.House, l.Verb, l.Object, strings.Join(units, "; "), l.Reason,
		l.Before, l.After, Network(l.Address), l.ID}
	if l.Partial {
		row[6] = ""
	}
	for i, cell := range row {
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t") { // a spreadsheet would read it as a formula
			row[i] = "'" + cell
		}
	}
	return c.out.Write(row)
}

func (c *csvWriter) end() error {
	if err := c.begin(); err != nil {
		return err
	}
	c.out.Flush()
	return c.out.Error()
}

func moment(ms int64) string { return time.UnixMilli(ms).In(clock.Zone).Format(time.DateTime) }

type jsonWriter struct{ out *json.Encoder }

// jsonLine is a line of the trail for a program. A part of an act that goes beyond the reader's units has no object.
type jsonLine struct {
	ID        string          `json:"id"`
	At        string          `json:"at"`
	Person    string          `json:"person"`
	Name      string          `json:"name,omitempty"`
	ActingFor string          `json:"acting_for,omitempty"`
	Network   string          `json:"network,omitempty"`
	House     string          `json:"house"`
	Verb      string          `json:"verb"`
	Object    string          `json:"object,omitempty"`
	Units     []string        `json:"units"`
	Partial   bool            `json:"partial,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Detail    json.RawMessage `json:"detail,omitempty"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
}

func (j jsonWriter) line(l Line) error {
	out := jsonLine{ID: l.ID, At: time.UnixMilli(l.At).In(clock.Zone).Format(time.RFC3339Nano), Person: l.Person, Name: l.Who, ActingFor: l.ActingFor,
		Network: Network(l.Address), House: l.House, Verb: l.Verb, Object: l.Object, Units: []string{}, Partial: l.Partial, Reason: l.Reason,
		Detail: raw(l.Detail), Before: raw(l.Before), After: raw(l.After)}
	if l.Partial {
		out.Object = ""
	}
	for _, u := range l.Units {
		out.Units = append(out.Units, u.Code)
	}
	return j.out.Encode(out)
}

func (jsonWriter) end() error { return nil }

// raw is JSON as it stands; what somebody has spoilt goes as a text.
func raw(text string) json.RawMessage {
	if text == "" || text == "{}" {
		return nil
	}
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text) // a string always has its JSON
	return quoted
}
