package main

import (
	"io"
	"os"

	"giaoban/internal/audit"
	"giaoban/internal/db"
)

type auditCmd struct {
	Export auditExportCmd `cmd:"" help:"Xuất nhật ký đã niêm phong (JSON Lines) để bên ngoài kiểm chứng."`
}

type auditExportCmd struct {
	DB  dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Out string `short:"o" help:"Tệp sẽ ghi; không nêu thì in ra màn hình."`
}

func (c *auditExportCmd) Run(e *env) (err error) {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close() // without sealing, as verify
	out := e.out
	if c.Out != "" {
		f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() {
			if closed := f.Close(); err == nil {
				err = closed
			}
		}()
		out = io.Writer(f)
	}
	return a.DB.Read(e.ctx, func(tx *db.Tx) error { return audit.Export(e.ctx, tx, out) })
}
