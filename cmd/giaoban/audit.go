package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/trail"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"Liệt kê nhật ký, mới nhất trước."`
	Check  auditCheckCmd  `cmd:"" help:"Kiểm chứng chuỗi niêm phong của nhật ký, nhanh hơn verify."`
	Export auditExportCmd `cmd:"" help:"Xuất nhật ký đã niêm phong (JSON Lines) để bên ngoài kiểm chứng."`
}

type auditExportCmd struct {
	DB  dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Out string `short:"o" help:"Tệp sẽ ghi; không nêu thì in ra màn hình."`
}

func (c *auditExportCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close() // without sealing, as verify
	return writeOut(e, c.Out, func(w io.Writer) error {
		return a.DB.Read(e.ctx, func(tx *db.Tx) error { return audit.Export(e.ctx, tx, w) })
	})
}

type auditListCmd struct {
	userSite `embed:""`
	Since    string `help:"Từ ngày này (YYYY-MM-DD)."`
	Person   string `help:"Chỉ việc của người có tên đăng nhập này."`
	House    string `help:"Chỉ một nhóm việc: report, figure, account, door…"`
	Limit    int    `default:"100" help:"Nhiều nhất bao nhiêu mục; 0 là tất cả."`
}

// auditLine is a line of the trail in JSON.
type auditLine struct {
	ID     string          `json:"id"`
	At     time.Time       `json:"at"`
	Person string          `json:"person"`
	For    string          `json:"acting_for,omitempty"`
	House  string          `json:"house"`
	Verb   string          `json:"verb"`
	Object string          `json:"object"`
	Units  []int64         `json:"units,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

func (c *auditListCmd) Run(e *env) error {
	x := trail.Filter{From: c.Since, House: c.House}
	if c.Since != "" {
		if _, err := time.Parse(time.DateOnly, c.Since); err != nil {
			return usageError("--since: hãy ghi ngày dạng 2019-10-01")
		}
	}
	if c.House != "" && !trail.Known(c.House) {
		return usageError("--house: không có nhóm việc " + c.House)
	}
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close() // a look changes nothing
	if c.Person != "" {
		p, err := userOf(e, a, c.Person)
		if err != nil {
			return err
		}
		x.Person = p.ID
	}
	return c.print(e, a, x)
}

func (c *auditListCmd) print(e *env, a *app.App, x trail.Filter) error {
	n := 0
	out := json.NewEncoder(e.out)
	err := a.Trail.Each(e.ctx, auth.System(), trail.Auditing, x, func(l trail.Line) error {
		if n++; c.Limit > 0 && n > c.Limit {
			return errSilent
		}
		if !c.JSON {
			_, err := fmt.Fprintf(e.out, "%s\t%s\n", at(l.At), l.Sentence(e.ctx))
			return err
		}
		return out.Encode(auditLine{l.ID, time.UnixMilli(l.At).UTC(), l.Person, l.ActingFor, l.House, l.Verb, l.Object, l.Entry.Units, l.Reason,
			json.RawMessage(l.Before), json.RawMessage(l.After)})
	})
	if c.Limit > 0 && n > c.Limit {
		return nil
	}
	return err
}

type auditCheckCmd struct {
	DB   dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON bool `help:"In JSON." name:"json"`
}

func (c *auditCheckCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close() // without sealing: what is found must still stand when somebody looks again
	found, err := a.CheckTrail(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(e.out).Encode(found)
	} else {
		printTrail(e, found)
	}
	if err == nil && found.Flaws > 0 {
		return errSilent
	}
	return err
}
