package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
)

type mailCmd struct {
	Test   mailTestCmd   `cmd:"" help:"Gửi ngay một thư thử và cho biết máy chủ thư trả lời thế nào."`
	List   mailListCmd   `cmd:"" help:"Liệt kê thư gửi đi, không có nội dung và địa chỉ."`
	Bounce mailBounceCmd `cmd:"" help:"Đọc một thông báo trả lại thư (RFC 3464) và ghi nhận thư bị trả lại."`
}

type mailTestCmd struct {
	DB         dsn `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	mailSecret `embed:""`
	Address    string `arg:"" help:"Địa chỉ nhận thư thử."`
}

func (c *mailTestCmd) Run(e *env) error {
	password, err := c.password()
	if err != nil {
		return err
	}
	a, err := existingWith(string(c.DB), e, app.Options{MailPassword: password})
	if err != nil {
		return err
	}
	defer a.Close()
	err = a.Mails.Try(e.ctx, auth.System(), c.Address)
	var trouble *mail.Trouble
	if errors.As(err, &trouble) {
		return fault.Refused(trouble.Says())
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, "Máy chủ thư đã nhận thư thử. Hãy mở hộp thư để xem thư có đến không, kể cả mục thư rác.")
	return nil
}

type mailListCmd struct {
	DB    dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON  bool   `help:"In JSON." name:"json"`
	State string `help:"Chỉ thư ở tình trạng này: waiting, sent, failed, bounced, cancelled." enum:",waiting,sent,failed,bounced,cancelled" default:""`
	Limit int    `help:"Nhiều nhất bao nhiêu thư." default:"100"`
}

// mailRow is a letter in JSON.
type mailRow struct {
	ID       string `json:"id"`
	Template string `json:"template"`
	Person   string `json:"person,omitempty"`
	State    string `json:"state"`
	Made     int64  `json:"made"`
	Changed  int64  `json:"changed"`
	Reason   string `json:"reason,omitempty"`
	Code     string `json:"code,omitempty"`
}

func (c *mailListCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close()
	p, err := a.Mails.List(e.ctx, auth.System(), mail.State(c.State), c.Limit, 0)
	if err != nil {
		return err
	}
	if c.JSON {
		rows := []mailRow{}
		for _, l := range p.Letters {
			rows = append(rows, mailRow{l.ID, string(l.Template), l.Person, string(l.State), l.Made, l.Changed, string(l.Reason), l.Code})
		}
		return json.NewEncoder(e.out).Encode(rows)
	}
	if len(p.Letters) == 0 {
		fmt.Fprintln(e.out, "Không có thư nào.")
	}
	for _, l := range p.Letters {
		fmt.Fprintf(e.out, "%s  %s  %s: %s", l.ID, moment(l.Made), l.Template.Name(), l.State.Name())
		if l.Reason != "" {
			fmt.Fprintf(e.out, ". %s", (&mail.Trouble{Reason: l.Reason, Code: l.Code}).Says())
		}
		fmt.Fprintln(e.out)
	}
	return nil
}

type mailBounceCmd struct {
	DB   dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	File string `arg:"" help:"Tệp thông báo (.eml); - là đầu vào chuẩn."`
}

func (c *mailBounceCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	source := io.Reader(os.Stdin)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fault.Refusedf("Không đọc được tệp %s.", c.File)
		}
		defer f.Close()
		source = f
	}
	l, err := a.Mails.ReadBounce(e.ctx, auth.System(), source)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã ghi nhận thư %s bị trả lại. %s\n", l.ID, (&mail.Trouble{Reason: l.Reason, Code: l.Code}).Says())
	return nil
}
