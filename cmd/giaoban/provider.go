package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/door"
	"giaoban/internal/web"
)

// providerCmd is for the machine's owner: which other systems' sign-in the site takes. A client's secret is never an
// argument and never in the database: the site is told where it is.
type providerCmd struct {
	Add    providerAddCmd    `cmd:"" help:"Thêm hoặc sửa một hệ thống đăng nhập (OpenID Connect)."`
	List   providerListCmd   `cmd:"" help:"Liệt kê các hệ thống đăng nhập."`
	Remove providerRemoveCmd `cmd:"" help:"Bỏ một hệ thống đăng nhập và mọi liên kết với nó."`
}

type providerAddCmd struct {
	userSite   `embed:""`
	Code       string `arg:"" help:"Mã, nằm trong địa chỉ trở về; ví dụ tinh."`
	Name       string `required:"" help:"Tên trên nút đăng nhập, viết tiếp sau “Đăng nhập bằng tài khoản”; ví dụ \"công vụ tỉnh\"."`
	Issuer     string `required:"" help:"Địa chỉ nơi cấp (issuer), https://…; đúng từng chữ như hệ thống kia công bố."`
	Client     string `required:"" help:"Mã ứng dụng (client id) mà hệ thống kia cấp." name:"client-id"`
	SecretFile string `help:"Tệp chứa khóa bí mật (client secret); để chỉ tài khoản chạy chương trình đọc được." name:"secret-file" type:"path" xor:"secret"`
	SecretEnv  string `help:"Tên biến môi trường chứa khóa bí mật, có khi chạy serve." name:"secret-env" xor:"secret"`
	Scopes     string `help:"Phạm vi xin thêm ngoài openid." default:"profile email"`
	Strong     string `help:"Khi nào đăng nhập bên kia tính là hai yếu tố: always là luôn luôn, hoặc giá trị acr hay amr phải có; không nêu là không bao giờ." name:"two-factors"`
	Linking    string `help:"Tự liên kết người chưa liên kết: login so thuộc tính --claim, email so địa chỉ thư đã xác minh, với tên đăng nhập; không nêu thì không." enum:"login,email," default:""`
	Claim      string `help:"Thuộc tính được so khi --linking login." default:"preferred_username"`
}

type providerListCmd struct {
	userSite `embed:""`
}

type providerRemoveCmd struct {
	userSite `embed:""`
	Code     string `arg:"" help:"Mã hệ thống."`
}

// providerRow is a provider in JSON. Back is what has to be registered over there.
type providerRow struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Issuer  string `json:"issuer"`
	Client  string `json:"client_id"`
	Secret  string `json:"secret,omitempty"` // where it is
	Scopes  string `json:"scopes"`
	Strong  string `json:"two_factors,omitempty"`
	Linking string `json:"linking,omitempty"`
	Claim   string `json:"claim"`
	Back    string `json:"redirect_uri,omitempty"`
}

func (c *providerAddCmd) Run(e *env) error {
	p := door.Provider{Code: c.Code, Name: c.Name, Issuer: c.Issuer, Client: c.Client, Scopes: c.Scopes, Strong: c.Strong, Linking: c.Linking, Claim: c.Claim}
	switch {
	case c.SecretEnv != "":
		p.Secret = "env:" + c.SecretEnv
	case c.SecretFile != "":
		path, err := filepath.Abs(c.SecretFile)
		if err != nil {
			return err
		}
		p.Secret = "file:" + path
	}
	return c.with(e, func(a *app.App) error {
		if err := a.Door.PutProvider(e.ctx, auth.System(), p); err != nil {
			return err
		}
		return c.showProviders(e, a, c.Code)
	})
}

func (c *providerListCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error { return c.showProviders(e, a, "") })
}

func (c *providerRemoveCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		links, err := a.Door.RemoveProvider(e.ctx, auth.System(), c.Code)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(e.out).Encode(map[string]any{"code": c.Code, "links": links})
		}
		fmt.Fprintf(e.out, "Đã bỏ hệ thống đăng nhập %s và %d liên kết.\n", c.Code, links)
		return nil
	})
}

// showProviders prints the provider of a code, or all.
func (c userSite) showProviders(e *env, a *app.App, code string) error {
	list, err := a.Door.Providers(e.ctx)
	if err != nil {
		return err
	}
	address, err := a.Setting(e.ctx, web.AddressSetting)
	if err != nil {
		return err
	}
	rows := []providerRow{}
	for _, p := range list {
		if code != "" && p.Code != code {
			continue
		}
		row := providerRow{p.Code, p.Name, p.Issuer, p.Client, p.Secret, p.Scopes, p.Strong, p.Linking, p.Claim, ""}
		if address != "" {
			row.Back = door.BackAddress(address, p.Code)
		}
		rows = append(rows, row)
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(rows)
	}
	for _, row := range rows {
		fmt.Fprintf(e.out, "%s\t%s\t%s\t%s\n", row.Code, row.Name, row.Issuer, row.Client)
		if row.Back == "" {
			fmt.Fprintf(e.out, "\tĐặt %s để biết địa chỉ trở về (redirect URI) cần đăng ký bên kia.\n", web.AddressSetting)
			continue
		}
		fmt.Fprintf(e.out, "\tĐịa chỉ trở về (redirect URI) cần đăng ký bên kia: %s\n", row.Back)
	}
	return nil
}

// providers looks at each system whose sign-in the site takes: its secret, its document, and what the site needs for it.
func (d *doctor) providers(e *env, a *app.App) {
	const name = "đăng nhập qua hệ thống khác"
	list, err := a.Door.Providers(e.ctx)
	if err != nil {
		d.say(name, fail, "Không đọc được: "+reason(err)+".", "Chạy lại; nếu vẫn lỗi, hãy báo kèm dòng này.")
		return
	}
	if len(list) == 0 {
		return // a site that takes none has nothing to mend
	}
	address, err := a.Setting(e.ctx, web.AddressSetting)
	if err != nil || address == "" {
		d.say(name, fail, "Trang chưa có địa chỉ nên hệ thống khác không đưa người dùng trở về được.", "giaoban setting --db … "+web.AddressSetting+" https://…")
	}
	for _, p := range list {
		err := a.Door.CheckProvider(e.ctx, p)
		var trouble door.Trouble
		switch {
		case errors.As(err, &trouble):
			d.say(name, fail, fmt.Sprintf("%s: %s.", p.Code, providerFaults[trouble.Cause].text), providerFaults[trouble.Cause].mend)
		case err != nil:
			d.say(name, fail, p.Code+": "+reason(err)+".", "Chạy lại; nếu vẫn lỗi, hãy báo kèm dòng này.")
		default:
			d.say(name, fine, fmt.Sprintf("%s: %s trả lời đúng; khóa bí mật đọc được.", p.Code, p.Issuer), "")
		}
	}
}

var providerFaults = map[string]struct{ text, mend string }{
	door.CauseDown:     {"không kết nối được", "Kiểm tra đường mạng, tường lửa và chứng thư của hệ thống kia. Trong lúc chờ, mọi người vẫn đăng nhập được bằng mật khẩu."},
	door.CauseSecret:   {"không đọc được khóa bí mật", "Đặt khóa vào tệp hoặc biến môi trường đã khai báo (giaoban provider list --json), để tài khoản chạy chương trình đọc được."},
	door.CauseExposed:  {"người khác trên máy đọc được tệp khóa bí mật", "chmod 600 cho tệp đó, rồi xin hệ thống kia cấp khóa mới."},
	door.CauseDocument: {"địa chỉ nơi cấp không trả lời như một hệ thống OpenID Connect, hoặc xưng tên khác", "So từng chữ, kể cả dấu / ở cuối, với mục issuer của trang …/.well-known/openid-configuration bên kia."},
	door.CauseEndpoint: {"tài liệu của hệ thống kia dẫn tới địa chỉ không an toàn", "Báo người quản trị hệ thống kia: mọi địa chỉ trong tài liệu phải là https://."},
}
