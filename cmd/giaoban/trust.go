package main

import (
	"encoding/json"
	"fmt"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
)

// trustCmd is for the machine's owner: whose signed packages the site takes, and the site's own fingerprint.
type trustCmd struct {
	Show   trustShowCmd   `cmd:"" help:"In dấu khóa của trang này, để đọc qua điện thoại cho cấp trên."`
	Add    trustAddCmd    `cmd:"" help:"Nhập khóa của một nơi gửi."`
	List   trustListCmd   `cmd:"" help:"Liệt kê khóa của các nơi gửi."`
	Revoke trustRevokeCmd `cmd:"" help:"Thu hồi khóa của một nơi gửi."`
}

// trustSite is the site that a command is about.
type trustSite struct {
	DB   dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON bool `help:"In JSON." name:"json"`
}

func (c trustSite) with(e *env, fn func(*app.App) error) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	return fn(a)
}

type trustShowCmd struct {
	trustSite `embed:""`
	keySource `embed:""`
}

type trustAddCmd struct {
	trustSite   `embed:""`
	Name        string `arg:"" help:"Tên nơi gửi."`
	Unit        string `required:"" help:"Mã đơn vị: khóa chỉ được gửi số liệu của đơn vị này và các đơn vị bên dưới."`
	Fingerprint string `required:"" help:"Dấu khóa, 40 chữ số, gõ theo lời đọc qua điện thoại."`
	Scheme      string `help:"Tên tắt của bảng mã, nếu nơi gửi dùng mã khác."`
}

type trustListCmd struct {
	trustSite `embed:""`
}

type trustRevokeCmd struct {
	trustSite   `embed:""`
	Fingerprint string `arg:"" help:"Dấu khóa, như trong danh sách."`
	Reason      string `required:"" help:"Lý do thu hồi."`
}

// trustRow is a key in JSON.
type trustRow struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Fingerprint string `json:"fingerprint"`
	Scheme      string `json:"scheme,omitempty"`
	Added       string `json:"added"`
	Revoked     string `json:"revoked,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

func (c *trustShowCmd) Run(e *env) error {
	opt, err := c.keySource.options(app.Options{})
	if err != nil {
		return err
	}
	a, err := existingWith(string(c.DB), e, opt)
	if err != nil {
		return err
	}
	defer a.Close()
	own, err := a.Exchange.OwnFingerprint()
	if err == nil && own == "" {
		err = fault.Refused("Trang này chưa có khóa; khóa được lập khi lập gói đầu tiên.")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(map[string]string{"fingerprint": own})
	}
	fmt.Fprintln(e.out, exchange.Grouped(own))
	return nil
}

func (c *trustAddCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		err := a.Exchange.Trust(e.ctx, auth.System(), exchange.NewKey{Name: c.Name, Unit: c.Unit, Fingerprint: c.Fingerprint, Scheme: c.Scheme})
		if fault.Is(err, fault.KindNotFound) {
			err = fault.Refused("Không có bảng mã mang tên tắt này.")
		}
		if err != nil {
			return err
		}
		return listTrusted(e, a, c.JSON)
	})
}

func (c *trustListCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error { return listTrusted(e, a, c.JSON) })
}

func (c *trustRevokeCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		keys, err := a.Exchange.Keys(e.ctx, auth.System())
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.RevokedAt == 0 && (k.Fingerprint == c.Fingerprint || exchange.Grouped(k.Fingerprint) == c.Fingerprint) {
				if err := a.Exchange.Revoke(e.ctx, auth.System(), k.ID, k.Version, c.Reason); err != nil {
					return err
				}
				return listTrusted(e, a, c.JSON)
			}
		}
		return fault.Refused("Không có khóa đang tin nào mang dấu này.")
	})
}

func listTrusted(e *env, a *app.App, asJSON bool) error {
	keys, err := a.Exchange.Keys(e.ctx, auth.System())
	if err != nil {
		return err
	}
	rows := []trustRow{}
	for _, k := range keys {
		r := trustRow{Name: k.Name, Unit: k.UnitCode, Fingerprint: k.Fingerprint, Scheme: k.Scheme, Added: clock.At(k.At).Format("2006-01-02"), Reason: k.Reason}
		if k.RevokedAt != 0 {
			r.Revoked = clock.At(k.RevokedAt).Format("2006-01-02")
		}
		rows = append(rows, r)
	}
	if asJSON {
		return json.NewEncoder(e.out).Encode(rows)
	}
	for _, r := range rows {
		fmt.Fprintf(e.out, "%s  %s  %s", exchange.Grouped(r.Fingerprint), r.Unit, r.Name)
		if r.Revoked != "" {
			fmt.Fprintf(e.out, "  đã thu hồi %s: %s", r.Revoked, r.Reason)
		}
		fmt.Fprintln(e.out)
	}
	return nil
}
