package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/trail"
)

// personCmd gives out or takes away what the site holds about a person.
type personCmd struct {
	Export personExportCmd `cmd:"" help:"Xuất mọi dữ liệu cá nhân của một người (JSON)."`
	Erase  personEraseCmd  `cmd:"" help:"Xóa dữ liệu cá nhân của một người; việc đã làm vẫn còn, không còn tên."`
}

type personExportCmd struct {
	userSite `embed:""`
	Login    string `arg:"" help:"Tên đăng nhập."`
	Out      string `short:"o" help:"Tệp sẽ ghi (chỉ chủ máy đọc được); không nêu thì in ra màn hình."`
}

type personEraseCmd struct {
	userSite `embed:""`
	Login    string `arg:"" help:"Tên đăng nhập."`
	Reason   string `enum:"request,left,mistake" default:"left" help:"Lý do: request (người đó yêu cầu), left (không còn làm việc), mistake (tạo nhầm)."`
	Yes      bool   `help:"Xác nhận: việc này không hoàn tác được."`
}

func (c *personExportCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		d, err := a.Trail.Export(e.ctx, auth.System(), p.ID)
		if err != nil {
			return err
		}
		return writeOut(e, c.Out, func(w io.Writer) error {
			out := json.NewEncoder(w)
			out.SetIndent("", "\t")
			return out.Encode(d)
		})
	})
}

// eraseReasons are trail's reasons by the words of the command line.
var eraseReasons = map[string]string{"request": trail.EraseReasons[0], "left": trail.EraseReasons[1], "mistake": trail.EraseReasons[2]}

func (c *personEraseCmd) Run(e *env) error {
	if !c.Yes {
		return usageError("việc này không hoàn tác được; hãy thêm --yes để xác nhận")
	}
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		if err := a.Trail.Erase(e.ctx, auth.System(), p.ID, eraseReasons[c.Reason]); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(e.out).Encode(map[string]string{"erased": p.ID})
		}
		_, err = fmt.Fprintf(e.out, "Đã xóa dữ liệu cá nhân. Việc đã làm vẫn còn dưới mã %s.\n", p.ID)
		return err
	})
}

// writeOut writes to a file that only its owner reads, or to the screen.
func writeOut(e *env, path string, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(e.out)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return write(f)
}
